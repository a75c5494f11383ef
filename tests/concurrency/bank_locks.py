# Transfers between objects under one lock, elided where they touch different accounts.
import random, threading
from _together import many, ROUNDS
class Account:
    def __init__(self, n): self.balance, self.moves = n, 0
bank, lock = [Account(100) for _ in range(16)], threading.Lock()
def teller(i):
    r = random.Random(i)
    for _ in range(ROUNDS):
        a, b = r.sample(bank, 2)
        with lock:
            a.balance -= 5; a.moves += 1
            b.balance += 5; b.moves += 1
many(teller)
from _together import THREADS
assert sum(a.balance for a in bank) == 1600
assert sum(a.moves for a in bank) == 2 * THREADS * ROUNDS
print("ok")
