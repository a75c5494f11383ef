# setdefault gives every thread the same object.
from _together import many, THREADS, ROUNDS
d = {}
def ask(i):
    return [d.setdefault(k, []) for k in range(ROUNDS)]
results = many(ask)
for k in range(ROUNDS):
    assert all(r[k] is d[k] for r in results), k
many(lambda i: [d.setdefault(k, []).append(i) for k in range(ROUNDS)])
assert all(sorted(d[k]) == list(range(THREADS)) for k in d)
print("ok")
