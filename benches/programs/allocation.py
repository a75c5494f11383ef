"""What a small short-lived object costs, collection included: the loop that makes them, less the loop that does not.

Prints nanoseconds for each object; the second column is the loop's own time.
"""
import time
from _bench import rounds
ROUNDS = rounds(10_000_000)
def with_objects(a):
    for i in range(ROUNDS): b = (i, a)
def without(a):
    for i in range(ROUNDS): b = a
def seconds(f):
    best = 1e9
    for _ in range(3):
        start = time.perf_counter(); f(None); best = min(best, time.perf_counter() - start)
    return best
empty, full = seconds(without), seconds(with_objects)
print((full - empty) / ROUNDS * 1e9, empty / ROUNDS * 1e9)
