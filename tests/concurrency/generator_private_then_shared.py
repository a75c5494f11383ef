# A generator, its locals and its frame move from thread to thread.
import threading, queue
from _together import ROUNDS
def running():
    total, seen = 0, []
    while True:
        x = yield total
        total += x; seen.append(x)
        if len(seen) != len(set(seen)): raise AssertionError(seen)
g = running(); next(g)
baton = queue.Queue()
def step(i, mine, other):
    for k in range(ROUNDS // 2):
        mine.get()
        result.append(g.send(k * 2 + i + 1))
        other.put(1)
result, a, b = [], queue.Queue(), queue.Queue()
ts = [threading.Thread(target=step, args=(0, a, b)), threading.Thread(target=step, args=(1, b, a))]
for t in ts: t.start()
a.put(1)
for t in ts: t.join()
n = ROUNDS // 2 * 2
assert result == [k * (k + 1) // 2 for k in range(1, n + 1)], result[:5]
print("ok")
