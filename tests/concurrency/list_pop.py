# Every element is popped exactly once.
from _together import many, THREADS, ROUNDS
l = list(range(THREADS * ROUNDS))
def take(i):
    got = []
    while True:
        try:
            got.append(l.pop() if i % 2 else l.pop(0))
        except IndexError:
            return got
results = many(take)
assert sorted(x for r in results for x in r) == list(range(THREADS * ROUNDS))
assert l == []
print("ok")
