# Word counts in one dict, each step atomic.
import transaction
from _together import many, THREADS, ROUNDS
counts = {}
def count(i):
    for k in range(ROUNDS):
        word = "abcdefgh"[(k * k + i) % 8]
        with transaction.atomic:
            counts[word] = counts.get(word, 0) + 1
many(count)
assert sum(counts.values()) == THREADS * ROUNDS, counts
want = {}
for i in range(THREADS):
    for k in range(ROUNDS):
        word = "abcdefgh"[(k * k + i) % 8]
        want[word] = want.get(word, 0) + 1
assert counts == want
print("ok")
