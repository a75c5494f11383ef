"""All threads raise and catch an exception of one class."""
from _bench import measure, rounds
ROUNDS = rounds(3_000_000)
class Mine(Exception): pass
def work(index):
    for _ in range(ROUNDS):
        try:
            raise Mine("x")
        except Mine:
            pass
measure(work)
