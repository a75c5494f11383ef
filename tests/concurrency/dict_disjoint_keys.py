# Every thread writes its own keys; none is lost, also while the table grows.
from _together import many, THREADS, ROUNDS
d = {}
def write(i):
    for k in range(ROUNDS):
        d[i, k] = k
        d[i, "last"] = k
        if k % 3 == 0: del d[i, k]
many(write)
assert len(d) == THREADS * (1 + sum(1 for k in range(ROUNDS) if k % 3))
for i in range(THREADS):
    assert d[i, "last"] == ROUNDS - 1
    assert all(d[i, k] == k for k in range(ROUNDS) if k % 3)
    mine = [k for j, k in d if j == i and k != "last"]
    assert mine == sorted(mine)
print("ok")
