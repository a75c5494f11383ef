# extend, += and slice assignment are one step each: runs are never interleaved.
from _together import many, THREADS, ROUNDS
l = []
def add(i):
    for k in range(ROUNDS // 4):
        l.extend([i, i, i])
        l.extend((i,) * 3)
many(add)
assert len(l) == THREADS * (ROUNDS // 4) * 6
for at in range(0, len(l), 3):
    assert l[at] == l[at + 1] == l[at + 2], l[at:at + 3]
print("ok")
