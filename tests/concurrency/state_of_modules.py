"""What a module keeps for all threads is shared from the start, also if a thread was the first to import it."""
from _together import ROUNDS, THREADS, many


def register(index):
    import atexit
    import csv

    for i in range(ROUNDS):
        atexit.register(int)
        csv.register_dialect(f"{index} {i}", delimiter=";")


many(register)

import atexit
import csv

assert atexit._ncallbacks() >= THREADS * ROUNDS, atexit._ncallbacks()
names = set(csv.list_dialects())
assert names >= {f"{index} {i}" for index in range(THREADS) for i in range(ROUNDS)}
print("ok")
