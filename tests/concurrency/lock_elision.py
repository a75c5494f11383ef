# Lock bodies that touch different data, the same data, long bodies, and a body that prints or raises.
import threading
from _together import many, THREADS, ROUNDS
lock = threading.Lock(); slots = [0] * THREADS; shared = [0]; order = []
def work(i):
    for k in range(ROUNDS):
        with lock: slots[i] += 1
        with lock:
            shared[0] += 1
            if k % 10 == 0:
                for _ in range(50): shared[0] += 1; shared[0] -= 1
        try:
            with lock:
                order.append((i, k))
                if k % 5 == i: raise KeyError
                order[-1] = (i, k, "kept")
        except KeyError:
            pass
        if k % 25 == 0:
            with lock:
                assert lock.locked()
                assert not lock.acquire(blocking=False)
many(work)
assert slots == [ROUNDS] * THREADS and shared == [THREADS * ROUNDS]
assert len(order) == THREADS * ROUNDS
assert sum(len(o) == 2 for o in order) == sum(k % 5 == i for i in range(THREADS) for k in range(ROUNDS))
assert not lock.locked()
print("ok")
