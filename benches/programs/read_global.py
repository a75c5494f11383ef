"""All threads read one global."""
from _bench import measure, rounds
ROUNDS = rounds(25_000_000)
shared = ["value"]
def work(index):
    for _ in range(ROUNDS): shared
measure(work)
