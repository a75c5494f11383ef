# Producers and consumers over a bounded buffer with a condition.
import threading
from _together import together, ROUNDS
buf, cond, out = [], threading.Condition(), []
def produce(i):
    for k in range(ROUNDS // 4):
        with cond:
            cond.wait_for(lambda: len(buf) < 3)
            buf.append((i, k)); cond.notify_all()
def consume():
    for _ in range(ROUNDS // 4):
        with cond:
            while not buf: cond.wait()
            assert len(buf) <= 3
            out.append(buf.pop(0)); cond.notify_all()
together(lambda: produce(0), lambda: produce(1), consume, consume)
assert sorted(out) == [(i, k) for i in range(2) for k in range(ROUNDS // 4)] and not buf
for i in range(2): assert [k for j, k in out if j == i] == list(range(ROUNDS // 4))
print("ok")
