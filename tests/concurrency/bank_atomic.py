# Transfers in atomic blocks: the total never changes, seen from inside and at the end.
import random, transaction
from _together import together, THREADS, ROUNDS
accounts = [100] * 8
done = []
def teller(i):
    r = random.Random(i)
    for _ in range(ROUNDS):
        a, b, amount = r.randrange(8), r.randrange(8), r.randrange(50)
        with transaction.atomic:
            if accounts[a] >= amount:
                accounts[a] -= amount
                accounts[b] += amount
    done.append(i)
def auditor():
    checks = 0
    while len(done) < THREADS or checks == 0:
        with transaction.atomic:
            total = sum(accounts)
            low = min(accounts)
        assert total == 800 and low >= 0, accounts
        checks += 1
together(*[lambda i=i: teller(i) for i in range(THREADS)], auditor)
assert sum(accounts) == 800
print("ok")
