# popitem and pop hand every item to one thread only.
from _together import many, THREADS, ROUNDS
d = {k: str(k) for k in range(THREADS * ROUNDS)}
def take(i):
    got = []
    while True:
        try:
            k, v = d.popitem() if i % 2 else (lambda k: (k, d.pop(k)))(next(iter(d)))
        except (KeyError, StopIteration, RuntimeError):
            if not d: return got
            continue
        assert v == str(k)
        got.append(k)
results = many(take)
assert sorted(k for r in results for k in r) == list(range(THREADS * ROUNDS))
print("ok")
