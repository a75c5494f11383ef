# itertools.count hands out every number once.
import itertools
from _together import many, THREADS, ROUNDS
c = itertools.count()
ids = [x for r in many(lambda _: [next(c) for _ in range(ROUNDS)]) for x in r]
assert len(ids) == len(set(ids)) == THREADS * ROUNDS
assert next(c) >= THREADS * ROUNDS
print("ok")
