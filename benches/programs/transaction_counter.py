"""Adds to one transaction.Counter: the throughput of 8 threads over that of one."""
import threading
import time

from transaction import Counter

ADDS = 4_000_000
counter = Counter()


def add(n):
    for _ in range(n):
        counter.add(1)


def throughput(threads):
    running = [threading.Thread(target=add, args=(ADDS // threads,)) for _ in range(threads)]
    start = time.perf_counter()
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return ADDS / (time.perf_counter() - start)


ROUNDS = 5
for _ in range(ROUNDS):
    one, eight = throughput(1), throughput(8)
    print(f"1 thread {one / 1e6:.1f} M/s, 8 threads {eight / 1e6:.1f} M/s, ratio {eight / one:.2f}")
assert counter.value == 2 * ROUNDS * ADDS
