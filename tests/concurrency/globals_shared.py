# Module globals as shared variables, created, rebound and deleted by threads.
import threading
from _together import many, THREADS, ROUNDS
lock = threading.Lock()
def work(i):
    g = globals()
    for k in range(ROUNDS):
        g[f"own_{i}"] = k
        assert g[f"own_{i}"] == k
        with lock: g["common"] = g.get("common", 0) + 1
        if k % 10 == 9: del g[f"own_{i}"]
many(work)
assert common == THREADS * ROUNDS
assert not [n for n in globals() if n.startswith("own_")]
print("ok")
