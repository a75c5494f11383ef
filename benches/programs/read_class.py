"""All threads read an attribute of one class."""
from _bench import measure, rounds
ROUNDS = rounds(25_000_000)
class Config: limit = ["value"]
def work(index):
    for _ in range(ROUNDS): Config.limit
measure(work)
