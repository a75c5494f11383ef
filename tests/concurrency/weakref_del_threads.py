# Finalizers and weak references while threads make and drop objects.
import gc, threading, weakref
from _together import many, THREADS, ROUNDS
dropped = []
class C:
    def __init__(self, i): self.i = i; self.me = self
    def __del__(self): dropped.append(self.i)
registry = weakref.WeakValueDictionary()
def work(i):
    for k in range(ROUNDS // 2):
        c = C((i, k)); registry[i, k] = c
        if k % 20 == 0: gc.collect()
        assert registry[i, k] is c
        del c
many(work)
gc.collect(); gc.collect()
assert len(dropped) == len(set(dropped)) == THREADS * (ROUNDS // 2), len(dropped)
assert len(registry) == 0
print("ok")
