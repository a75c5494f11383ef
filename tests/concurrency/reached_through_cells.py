# Private objects reached by another thread through closures, bound methods, partials, iterators and defaults.
import functools, threading
from _together import together, ROUNDS
slots = [None] * 5
lock, stop = threading.Lock(), []
class Box:
    def __init__(self, n): self.n, self.list = n, [n]
    def add(self):
        with lock: self.list.append(self.n); return len(self.list)
def publish():
    for k in range(ROUNDS):
        box, local = Box(k), [k]
        def closure(): return local[0], len(local)
        def default(l=[k, k]): return l
        slots[0] = closure
        slots[1] = box.add
        slots[2] = functools.partial(lambda b: (b.n, b.list[0]), box)
        slots[3] = iter([k, -k])
        slots[4] = default
        local.append(k)
    stop.append(1)
def use():
    n = 0
    while not stop or n == 0:
        f = slots[0]
        if f is not None:
            value, size = f()
            assert size in (1, 2)
        if slots[1] is not None: assert slots[1]() >= 2
        if slots[2] is not None:
            a, b = slots[2]()
            assert a == b
        if slots[3] is not None: assert next(slots[3], 0) in range(-ROUNDS, ROUNDS)
        if slots[4] is not None:
            a, b = slots[4]()
            assert a == b
        n += 1
together(publish, use, use)
print("ok")
