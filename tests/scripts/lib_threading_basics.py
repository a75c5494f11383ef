# Threads: start, join, names, daemon, is_alive, errors, return through shared state.
import threading
results = []
def work(n): results.append(n * n)
ts = [threading.Thread(target=work, args=(i,), name=f"w{i}") for i in range(5)]
for t in ts: t.start()
for t in ts: t.join()
print(sorted(results), [t.name for t in ts], [t.is_alive() for t in ts], ts[0].daemon, ts[0].ident is not None)
class T(threading.Thread):
    def __init__(self, v): super().__init__(); self.v = v
    def run(self): self.result = self.v + 1
t = T(5); t.start(); t.join(); print(t.result)
print(threading.current_thread().name, threading.main_thread() is threading.current_thread(), threading.active_count(), len(threading.enumerate()))
for bad in (lambda: t.start(), lambda: threading.Thread(target=1).join(), lambda: threading.current_thread().join()):
    try:
        bad()
    except RuntimeError as e:
        print(e)
gate = threading.Event()
d = threading.Thread(target=gate.wait, daemon=True); d.start(); print(d.is_alive(), d.daemon); d.join(0.01); print(d.is_alive()); gate.set(); d.join(); print(d.is_alive())
k = threading.Thread(target=lambda *a, **kw: results.append((a, kw)), args=(1,), kwargs={"z": 2}); k.start(); k.join(); print(results[-1])
ids = set()
def ident(): ids.add(threading.get_ident())
a = threading.Thread(target=ident); a.start(); a.join(); ident(); print(len(ids))
seen = []
threading.excepthook = lambda args: seen.append((args.exc_type.__name__, str(args.exc_value), args.thread.name))
e = threading.Thread(target=lambda: 1 / 0, name="failing"); e.start(); e.join(); print(seen)
print(repr(ts[0]).startswith("<Thread(w0, stopped"))
