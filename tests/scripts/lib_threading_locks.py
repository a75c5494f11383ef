# Lock, RLock, Semaphore, BoundedSemaphore.
import threading
l = threading.Lock()
print(l.acquire(), l.locked(), l.acquire(blocking=False), l.acquire(timeout=0.01), l.release(), l.locked())
for bad in (lambda: l.release(), lambda: threading.RLock().release(), lambda: l.acquire(blocking=False, timeout=1), lambda: l.acquire(timeout=-5)):
    try:
        bad()
    except (RuntimeError, ValueError) as e:
        print(type(e).__name__, e)
with l: print(l.locked())
try:
    with l: raise KeyError
except KeyError:
    print(l.locked())
r = threading.RLock()
with r:
    with r:
        print("re-entered", r.acquire(), r.release())
counter = 0
def bump():
    global counter
    for _ in range(500):
        with l: counter += 1
ts = [threading.Thread(target=bump) for _ in range(4)]
for t in ts: t.start()
for t in ts: t.join()
print(counter)
got = []
r.acquire()
t = threading.Thread(target=lambda: got.append(r.acquire(blocking=False))); t.start(); t.join(); print(got); r.release()
l.acquire(); t = threading.Thread(target=l.release); t.start(); t.join(); print("released by another thread", l.locked())
s = threading.Semaphore(2); print(s.acquire(), s.acquire(), s.acquire(blocking=False)); s.release(2); print(s.acquire(blocking=False))
b = threading.BoundedSemaphore(1); b.acquire(); b.release()
try:
    b.release()
except ValueError as e:
    print(e)
inside, most = 0, 0
lim = threading.Semaphore(2); guard = threading.Lock()
def limited():
    global inside, most
    with lim:
        with guard: inside += 1; most = max(most, inside)
        with guard: inside -= 1
ts = [threading.Thread(target=limited) for _ in range(6)]
for t in ts: t.start()
for t in ts: t.join()
print(inside, most <= 2)
