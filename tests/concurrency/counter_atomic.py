# A counter in an atomic block.
import transaction
from _together import many, THREADS, ROUNDS
n = 0
class Box: n = 0
box, cell, d = Box(), [0], {"n": 0}
def bump(_):
    global n
    for _ in range(ROUNDS):
        with transaction.atomic:
            n += 1
            box.n += 1
            cell[0] += 1
            d["n"] += 1
many(bump)
want = THREADS * ROUNDS
assert (n, box.n, cell[0], d["n"]) == (want,) * 4, (n, box.n, cell, d)
print("ok")
