# Appends from many threads are all there, each thread's in its order.
from _together import many, THREADS, ROUNDS
l = []
def add(i):
    for k in range(ROUNDS): l.append((i, k))
many(add)
assert len(l) == THREADS * ROUNDS == len(set(l))
for i in range(THREADS):
    assert [k for j, k in l if j == i] == list(range(ROUNDS))
print("ok")
