"""Each thread updates its own part of one shared list."""
from _bench import measure, rounds, THREADS
ROUNDS, PART = rounds(1200), 10_000
shared = [0] * (PART * max(THREADS, 2))
def work(index):
    l, start = shared, index * PART
    for _ in range(ROUNDS):
        for i in range(start, start + PART): l[i] += 1
measure(work)
assert sum(shared) == THREADS * ROUNDS * PART
