# Condition, Event, Barrier, Timer, local.
import threading
c = threading.Condition(); items = []; out = []
def consumer():
    for _ in range(5):
        with c:
            while not items: c.wait()
            out.append(items.pop(0))
t = threading.Thread(target=consumer); t.start()
for i in range(5):
    with c: items.append(i); c.notify()
t.join(); print(out)
with c: print(c.wait(0.01), c.wait_for(lambda: True), c.wait_for(lambda: False, 0.01))
for bad in (lambda: c.wait(), lambda: c.notify()):
    try:
        bad()
    except RuntimeError as e:
        print(e)
ready = 0
def waiter():
    global ready
    with c: c.wait_for(lambda: flag); ready += 1
flag = False; ts = [threading.Thread(target=waiter) for _ in range(3)]
for t in ts: t.start()
with c: flag = True; c.notify_all()
for t in ts: t.join()
print(ready)
e = threading.Event(); print(e.is_set(), e.wait(0.01)); e.set(); print(e.is_set(), e.wait()); e.clear(); print(e.is_set())
b = threading.Barrier(3, action=lambda: order.append("action")); order = []; idx = []
def meet(): idx.append(b.wait()); order.append("after")
ts = [threading.Thread(target=meet) for _ in range(3)]
for t in ts: t.start()
for t in ts: t.join()
print(sorted(idx), order, b.parties, b.n_waiting, b.broken)
b.abort()
try:
    b.wait()
except threading.BrokenBarrierError:
    print("broken", b.broken)
b.reset(); print(b.broken)
try:
    threading.Barrier(2).wait(0.01)
except threading.BrokenBarrierError:
    print("timed out")
fired = threading.Event(); tm = threading.Timer(0.01, fired.set); tm.start(); print(fired.wait(10)); tm.join()
never = threading.Timer(60, print, ["never"]); never.start(); never.cancel(); never.join(); print("cancelled")
loc = threading.local(); loc.v = "main"; seen = []
def use():
    seen.append(hasattr(loc, "v")); loc.v = "thread"; seen.append(loc.v)
t = threading.Thread(target=use); t.start(); t.join(); print(seen, loc.v, loc.__dict__)
class L(threading.local):
    d = 0
    def __init__(self, x): self.x = [x]
m = L(5); m.x.append(1); t = threading.Thread(target=lambda: seen.append(m.x)); t.start(); t.join(); print(m.x, seen[-1], m.d)
