# Locks taken in order, one for each account.
import random, threading
from _together import many, ROUNDS
accounts, locks = [100] * 6, [threading.Lock() for _ in range(6)]
def teller(i):
    r = random.Random(i)
    for _ in range(ROUNDS):
        a, b = sorted(r.sample(range(6), 2))
        with locks[a], locks[b]:
            amount = accounts[a] // 2
            accounts[a] -= amount
            accounts[b] += amount
            accounts[a], accounts[b] = accounts[b], accounts[a]
many(teller)
assert sum(accounts) == 600, accounts
print("ok")
