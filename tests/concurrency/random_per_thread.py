# random.random() in threads does not tie them together, and stays in range.
import random
from _together import many, ROUNDS
random.seed(1)
def draw(_): return [random.random() for _ in range(ROUNDS)]
rows = many(draw)
assert all(0 <= x < 1 for r in rows for x in r)
assert len({tuple(r) for r in rows}) == len(rows), "threads drew the same sequence"
def own(i):
    r = random.Random(i)
    return [r.randrange(1000) for _ in range(ROUNDS)]
assert many(own) == [own(i) for i in range(len(rows))]
print("ok")
