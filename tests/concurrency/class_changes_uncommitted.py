"""Nobody sees what an atomic block does to a class or a function before it has committed, nor ever if it is rolled back.
# needs: rollback"""
import transaction
from _together import ROUNDS, together


class Base:
    def __len__(self):
        return 1

    def who(self):
        return "base"


class Other(Base):
    def who(self):
        return "other"


class Kind(Base):
    pass


def one():
    return 1


def two():
    return 2


def function():
    return 1


plain = function.__code__


def work():
    for _ in range(60):
        pass


def defaults(value=1):
    return value


running = [True]


def change():
    try:
        for _ in range(ROUNDS // 8 + 1):
            try:
                with transaction.atomic:
                    Base.__len__ = lambda self: 2
                    function.__code__ = two.__code__
                    work()
                    Kind.__bases__ = (Other,)
                    defaults.__defaults__ = (2,)
                    assert (len(Kind()), function(), Kind().who(), defaults()) == (2, 2, "other", 2)
                    work()
                    raise KeyError
            except KeyError:
                pass
            with transaction.atomic:
                Base.__len__ = lambda self: 2
                work()
                Base.__len__ = lambda self: 1
    finally:
        running[0] = False


def look():
    kind = Kind()
    while running[0]:
        assert len(kind) == 1
        assert function() == 1
        assert kind.who() == "base"
        assert defaults() == 1
        assert Kind.__mro__ == (Kind, Base, object)


together(change, look, look)
print("ok")
