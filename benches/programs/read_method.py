"""All threads call a method of one shared object."""
from _bench import measure, rounds
ROUNDS = rounds(20_000_000)
class Thing:
    def method(self): return self
shared = Thing()
def work(index):
    o = shared
    for _ in range(ROUNDS): o.method()
measure(work)
