# Sets: adds and discards of own elements; algebra on a copy.
from _together import many, THREADS, ROUNDS
s = set()
def work(i):
    for k in range(ROUNDS):
        s.add((i, k))
        if k % 2: s.discard((i, k))
        assert (i, k - 1) in s or k % 2 == 0
        if k % 50 == 0:
            c = s.copy()
            assert all(isinstance(e, tuple) for e in c)
many(work)
assert s == {(i, k) for i in range(THREADS) for k in range(0, ROUNDS, 2)}
print("ok")
