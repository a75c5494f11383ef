"""Bank transfers in atomic blocks by many threads for so many seconds, under one retry policy: does each get on?

    bank_policies.py POLICY [SECONDS [THREADS [ACCOUNTS]]]

Prints the policy, all transfers a second, and the slowest thread's part of the mean. The sum of all accounts must stay.
"""
import sys
import threading
import time
from random import Random

from transaction import Aborted, atomic, set_retry_policy

policy = sys.argv[1]
seconds, threads, accounts = (float(a) for a in (sys.argv[2:] + ["60", "16", "64"][len(sys.argv) - 2:]))
threads, accounts = int(threads), int(accounts)


class Account:
    def __init__(self):
        self.balance = 100


bank = [Account() for _ in range(accounts)]
done = [0] * threads
given_up = [0] * threads
start = threading.Barrier(threads + 1)


def work(number):
    random = Random(number)
    finished = 0
    start.wait()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for _ in range(20):
            a, b = random.randrange(accounts), random.randrange(accounts)
            try:
                with atomic:
                    bank[a].balance -= 1
                    for _ in range(20):
                        pass
                    bank[b].balance += 1
            except Aborted:
                given_up[number] += 1
                continue
            finished += 1
    done[number] = finished


set_retry_policy(policy)
running = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
for thread in running:
    thread.start()
start.wait()
for thread in running:
    thread.join()
assert sum(account.balance for account in bank) == 100 * accounts
mean = sum(done) / threads
print(f"{policy:12} {sum(done) / seconds:10.0f} transfers/s, slowest thread {min(done) / mean:.2f} of the mean, "
      f"gave up {sum(given_up)} times")
