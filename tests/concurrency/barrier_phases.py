# Phases separated by a barrier never overlap.
import threading
from _together import many, THREADS, ROUNDS
b, phase, log = threading.Barrier(THREADS), [0] * THREADS, []
def work(i):
    for k in range(ROUNDS // 10):
        phase[i] = k
        b.wait()
        assert phase == [k] * THREADS, phase
        b.wait()
many(work)
print("ok")
