# Re-entrant locking around a counter in an object.
import threading
from _together import many, THREADS, ROUNDS
class Counter:
    def __init__(self): self.lock, self.n = threading.RLock(), 0
    def bump(self):
        with self.lock: self.n += 1
    def twice(self):
        with self.lock:
            before = self.n
            self.bump(); self.bump()
            assert self.n == before + 2
c = Counter()
many(lambda _: [c.twice() for _ in range(ROUNDS // 2)])
assert c.n == THREADS * (ROUNDS // 2) * 2, c.n
print("ok")
