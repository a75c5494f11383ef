# queue.
import queue, threading
q = queue.Queue()
for i in range(3): q.put(i)
print(q.qsize(), q.empty(), q.full(), q.get(), q.get_nowait(), q.get(timeout=1))
for bad in (lambda: q.get_nowait(), lambda: q.get(timeout=0.01), lambda: q.get(timeout=-1)):
    try:
        bad()
    except (queue.Empty, ValueError) as e:
        print(type(e).__name__, e)
b = queue.Queue(1); b.put("x")
try:
    b.put_nowait("y")
except queue.Full:
    print("full", b.full())
l = queue.LifoQueue(); [l.put(i) for i in range(3)]; print([l.get() for _ in range(3)])
p = queue.PriorityQueue(); [p.put(x) for x in ((2, "b"), (1, "a"), (3, "c"))]; print([p.get() for _ in range(3)])
s = queue.SimpleQueue(); s.put(1); print(s.get(), s.empty(), s.qsize())
work, done = queue.Queue(2), []
def worker():
    while (x := work.get()) is not None:
        done.append(x * 2); work.task_done()
    work.task_done()
ts = [threading.Thread(target=worker) for _ in range(3)]
for t in ts: t.start()
for i in range(20): work.put(i)
work.join(); print(sorted(done) == [i * 2 for i in range(20)])
for _ in ts: work.put(None)
for t in ts: t.join()
try:
    work.task_done()
except ValueError as e:
    print(e)
z = queue.Queue(); z.put(1); z.shutdown(); print(z.get())
for f in (lambda: z.get(), lambda: z.put(1)):
    try:
        f()
    except queue.ShutDown:
        print("shut down")
