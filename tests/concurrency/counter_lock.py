# A counter under one lock loses no step.
import threading
from _together import many, THREADS, ROUNDS
lock, n = threading.Lock(), 0
def bump(_):
    global n
    for _ in range(ROUNDS):
        with lock:
            old = n
            n = old + 1
many(bump)
assert n == THREADS * ROUNDS, n
print("ok")
