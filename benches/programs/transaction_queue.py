"""A TransactionQueue over 10,000 independent calls of some 50 microseconds: how many times as fast as the plain loop, on 2 threads."""
import time

from transaction import TransactionQueue

CALLS = 10_000


def work(n):
    total = 0
    for i in range(n):
        total += i
    return total


def seconds(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def plain():
    for _ in range(CALLS):
        work(size)


def queued():
    queue = TransactionQueue(2)
    for _ in range(CALLS):
        queue.add(work, size)
    queue.run()


size = 1000
each = seconds(lambda: [work(size) for _ in range(200)]) / 200
size = int(size * 50e-6 / each)
for _ in range(8):
    one, two = seconds(plain), seconds(queued)
    print(f"{one / CALLS * 1e6:.1f} us a call, {one / two:.2f} times as fast")
