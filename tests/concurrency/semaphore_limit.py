# No more than the semaphore allows are inside.
import threading
from _together import many, ROUNDS
s, inside, most = threading.Semaphore(2), [], []
lock = threading.Lock()
def work(i):
    for _ in range(ROUNDS // 4):
        with s:
            with lock: inside.append(i); most.append(len(inside))
            with lock: inside.remove(i)
many(work)
assert max(most) <= 2 and not inside
print("ok")
