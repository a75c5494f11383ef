"""Threads move money between accounts, and an auditor watches that none is lost.

    keelback examples/bank.py [MOVES]

On Keelback each move is a transaction: moves between different accounts run in parallel, colliding ones are rolled
back and tried again. On CPython, which has no transactions, one lock stands in for them.
"""

import random
import sys
import threading

try:
    from transaction import atomic
except ImportError:
    atomic = threading.RLock()

ACCOUNTS, START, TELLERS = 100, 1000, 4


class Account:
    def __init__(self, number):
        self.number = number
        self.balance = START
        self.moves = 0

    def pay(self, other, amount):
        if self.balance < amount:
            raise ValueError("not enough money")
        self.balance -= amount
        other.balance += amount
        self.moves += 1


def teller(accounts, moves, seed, refused):
    draw = random.Random(seed)
    for _ in range(moves):
        giver, taker = draw.sample(accounts, 2)
        try:
            with atomic:
                giver.pay(taker, draw.randrange(1, 400))
        except ValueError:
            refused.append(giver.number)


def auditor(accounts, finished):
    """Adds everything up, again and again; each sum is of one moment."""
    audits = 0
    while True:
        last = finished.is_set()
        with atomic:
            total = sum(account.balance for account in accounts)
        assert total == ACCOUNTS * START, total
        audits += 1
        if last:
            return audits


def main():
    moves = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
    accounts = [Account(number) for number in range(ACCOUNTS)]
    refused, finished, audits = [], threading.Event(), []

    watch = threading.Thread(target=lambda: audits.append(auditor(accounts, finished)))
    tellers = [threading.Thread(target=teller, args=(accounts, moves, seed, refused)) for seed in range(TELLERS)]
    watch.start()
    for thread in tellers:
        thread.start()
    for thread in tellers:
        thread.join()
    finished.set()
    watch.join()

    done = sum(account.moves for account in accounts)
    assert done + len(refused) == TELLERS * moves
    total = sum(account.balance for account in accounts)
    print(f"{done} moves, {len(refused)} refused, total {total} as at the start")
    print(f"{audits[0]} audits meanwhile, all correct", file=sys.stderr)


main()
