# A pipeline of bounded queues keeps order; a pool loses nothing.
import queue
from _together import together, THREADS, ROUNDS
a, b = queue.Queue(3), queue.Queue(2); out = []
def source():
    for k in range(ROUNDS): a.put(k)
    a.put(None)
def middle():
    while (x := a.get()) is not None: b.put(x * 2)
    b.put(None)
def sink():
    while (x := b.get()) is not None: out.append(x)
together(source, middle, sink)
assert out == [k * 2 for k in range(ROUNDS)]
q, done = queue.SimpleQueue(), []
def worker():
    while (x := q.get()) is not None: done.append(x)
def feed():
    for k in range(ROUNDS): q.put(k)
    for _ in range(THREADS): q.put(None)
together(feed, *[worker] * THREADS)
assert sorted(done) == list(range(ROUNDS))
p = queue.PriorityQueue(); [p.put(k) for k in range(ROUNDS, 0, -1)]
got = together(*[lambda: [p.get() for _ in range(ROUNDS // 4)]] * 4)
for g in got: assert g == sorted(g)
print("ok")
