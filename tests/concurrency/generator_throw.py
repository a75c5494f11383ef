"""An exception thrown into a generator survives the rollback of the block in which it arrives."""
from _together import ROUNDS, many


def inner():
    while True:
        try:
            yield 1
        except KeyError as error:
            for _ in range(50):
                pass
            raise ValueError(error.args[0])


def middle():
    for _ in range(3):
        yield from inner()


def outer(seen):
    while True:
        try:
            yield from middle()
        except ValueError as error:
            seen.append(error.args[0])
            for _ in range(50):
                pass
            yield "caught"


def work(index):
    for i in range(ROUNDS):
        seen = []
        generator = outer(seen)
        assert next(generator) == 1
        assert generator.throw(KeyError((index, i))) == "caught"
        assert seen == [(index, i)]
        generator.close()


many(work, 2)
print("ok")
