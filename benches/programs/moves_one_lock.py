"""Moves between random accounts of many, all under one lock."""
import random
import threading
from _bench import measure, rounds, THREADS
ROUNDS, ACCOUNTS = rounds(750_000), 10_000
class Account:
    def __init__(self): self.balance = 100
accounts, lock = [Account() for _ in range(ACCOUNTS)], threading.Lock()
def work(index):
    draw = random.Random(index).random
    for _ in range(ROUNDS):
        a, b = accounts[int(draw() * ACCOUNTS)], accounts[int(draw() * ACCOUNTS)]
        with lock:
            a.balance -= 1
            b.balance += 1
measure(work)
assert sum(a.balance for a in accounts) == ACCOUNTS * 100
