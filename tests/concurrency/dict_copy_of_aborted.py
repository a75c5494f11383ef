"""Whole copies of a dict never show what a block wrote that was rolled back. # needs: rollback"""
import os
import transaction
from _together import ROUNDS, together

# Each step of a generator is a safepoint.
SIZE = 100 if "KEELBACK_GC_STRESS" in os.environ else 3000
table = dict.fromkeys(range(SIZE), 0)
running = [True]


def abort():
    at = 0
    while running[0]:
        at = (at + 7) % len(table)
        try:
            with transaction.atomic:
                table[at] = 1
                raise KeyError
        except KeyError:
            pass


def copy():
    try:
        for _ in range(ROUNDS):
            assert not any(table.copy().values())
            assert not any(list(table.values()))
            assert not any(value for _, value in list(table.items()))
    finally:
        running[0] = False


together(abort, copy)
print("ok")
