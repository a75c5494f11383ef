"""A finalizer finds what it refers to as committed, although another thread is changing it. # needs: rollback"""
import gc
import time
import transaction
from _together import ROUNDS, together

wrong = []
running = [True]


class Watcher:
    def __init__(self, pair):
        self.pair = pair

    def __del__(self):
        first, second = self.pair
        if first != second:
            wrong.append((first, second))
        with transaction.atomic:
            self.pair[0] += 1
            self.pair[1] += 1


def work(seconds):
    """Long enough for a collection."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def drop(pair):
    Watcher(pair)


def change():
    try:
        for _ in range(ROUNDS // 10 + 5):
            step()
    finally:
        running[0] = False


def step():
    pair = [0, 0]
    drop(pair)
    try:
        with transaction.atomic:
            pair[0] += 10
            work(0.01)
            pair[1] += 10
            raise KeyError
    except KeyError:
        pass
    with transaction.atomic:
        first, second = pair
        work(0.01)
        pair[:] = first + 1, second + 1
    assert pair in ([1, 1], [2, 2]), pair


def collect():
    while running[0]:
        gc.collect()


together(change, collect)
assert not wrong, wrong
print("ok")
