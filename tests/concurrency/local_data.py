# Thread-local data stays apart.
import threading
from _together import many, ROUNDS
loc = threading.local()
def work(i):
    loc.n, loc.items = 0, []
    for k in range(ROUNDS):
        loc.n += i + 1
        loc.items.append(i)
    return loc.n, loc.items
for i, (n, items) in enumerate(many(work)):
    assert n == ROUNDS * (i + 1) and items == [i] * ROUNDS
assert not hasattr(loc, "n")
print("ok")
