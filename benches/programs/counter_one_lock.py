"""Every thread adds to one counter under one lock."""
import threading
from _bench import measure, rounds, THREADS
ROUNDS = rounds(2_000_000)
lock, counter = threading.Lock(), 0
def work(index):
    global counter
    for _ in range(ROUNDS):
        with lock: counter += 1
measure(work)
assert counter == THREADS * ROUNDS
