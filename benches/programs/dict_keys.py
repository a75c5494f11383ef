"""Each thread updates and inserts its own keys in one shared dict."""
from _bench import measure, rounds, THREADS
ROUNDS, KEYS = rounds(1200), 5_000
shared = {}
def work(index):
    d = shared
    keys = [f"{index}-{k}" for k in range(KEYS)]
    for key in keys: d[key] = 0
    for _ in range(ROUNDS):
        for key in keys: d[key] += 1
measure(work)
assert sum(shared.values()) == THREADS * ROUNDS * KEYS
