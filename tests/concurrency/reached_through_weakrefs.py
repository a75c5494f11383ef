# Private objects reached by another thread through weak references and gc.get_objects().
import gc, threading, weakref
from _together import together, ROUNDS
class Thing:
    def __init__(self, n): self.n, self.pair = n, (n, -n)
refs, stop, ready = [], [], threading.Event()
def make():
    keep = []
    for k in range(ROUNDS):
        t = Thing(k)
        keep.append(t)
        refs.append(weakref.ref(t))
        if k % 10 == 9: keep.clear()
        t.n += 1; t.n -= 1
    stop.append(1)

def follow():
    n = 0
    while not stop or n == 0:
        for r in list(refs[-20:]):
            t = r()
            if t is not None: assert t.pair == (t.pair[0], -t.pair[0]) and t.n - t.pair[0] in (0, 1)
        n += 1
def search():
    n = 0
    while not stop or n == 0:
        for o in gc.get_objects():
            if type(o) is Thing: assert vars(o).keys() <= {"n", "pair"}
        gc.collect()
        n += 1
together(make, follow, search)
gc.collect()
assert len(refs) == ROUNDS and not any(r() for r in refs)
print("ok")
