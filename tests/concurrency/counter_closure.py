# Closure cells, class attributes and default arguments as shared counters, under a lock.
import threading
from _together import many, THREADS, ROUNDS
def make():
    n, lock = 0, threading.Lock()
    def bump(_):
        nonlocal n
        for _ in range(ROUNDS):
            with lock: n += 1
    def read(): return n
    return bump, read
bump, read = make()
class K: n = 0
lock = threading.Lock()
def bump_class(_):
    for _ in range(ROUNDS):
        with lock: K.n += 1
many(bump); many(bump_class)
assert read() == K.n == THREADS * ROUNDS, (read(), K.n)
print("ok")
