"""All threads read an attribute of one shared instance."""
from _bench import measure, rounds
ROUNDS = rounds(25_000_000)
class Thing:
    def __init__(self): self.a, self.value = 1, [2]
shared = Thing()
def work(index):
    o = shared
    for _ in range(ROUNDS): o.value
measure(work)
