# acquire() and release() by hand, also released by a different code path on an exception.
import threading
from _together import many, THREADS, ROUNDS
lock, state = threading.Lock(), {"n": 0}
def bump(i):
    for k in range(ROUNDS):
        lock.acquire()
        try:
            state["n"] += 1
            if k % 7 == i: raise KeyError
        except KeyError:
            state["n"] += 1
        finally:
            lock.release()
many(bump)
extra = sum(1 for i in range(THREADS) for k in range(ROUNDS) if k % 7 == i)
assert state["n"] == THREADS * ROUNDS + extra, state
assert not lock.locked()
print("ok")
