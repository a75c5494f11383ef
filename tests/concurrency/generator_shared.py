# One generator, many threads: each value once, or ValueError for entering it while it runs.
from _together import many, ROUNDS
def numbers():
    n = 0
    while n < ROUNDS * 4:
        yield n
        n += 1
g = numbers()
def pull(_):
    got = []
    while True:
        try:
            got.append(next(g))
        except ValueError as e:
            assert "already executing" in str(e), e
        except StopIteration:
            return got
got = [x for r in many(pull) for x in r]
assert sorted(got) == list(range(ROUNDS * 4)), len(got)
print("ok")
