"""All threads read one element of one shared list."""
from _bench import measure, rounds
ROUNDS = rounds(25_000_000)
shared = [[0], [1], [2], [3]]
def work(index):
    l = shared
    for _ in range(ROUNDS): l[2]
measure(work)
