# A lock held by one thread is seen as held by another, elided or not; mutual exclusion covers output and files.
import threading, io
from _together import many, THREADS, ROUNDS
lock, out = threading.Lock(), io.StringIO()
def write(i):
    for k in range(ROUNDS // 10):
        with lock:
            out.write(f"<{i} "); out.write(f"{k}>\n")
many(write)
lines = out.getvalue().splitlines()
assert len(lines) == THREADS * (ROUNDS // 10)
assert all(l[0] == "<" and l[-1] == ">" and l.count("<") == 1 for l in lines)
held, go, seen = threading.Event(), threading.Event(), []
def holder():
    with lock: held.set(); go.wait()
t = threading.Thread(target=holder); t.start(); held.wait()
assert lock.locked() and not lock.acquire(blocking=False) and not lock.acquire(timeout=0.01)
go.set(); t.join()
assert not lock.locked() and lock.acquire(); lock.release()
print("ok")
