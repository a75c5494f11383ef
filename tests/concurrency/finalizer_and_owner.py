"""A finalizer finds what it refers to as committed, although another thread is changing it. # needs: rollback"""
import gc
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


def change():
    for _ in range(ROUNDS // 2 + 1):
        pair = [0, 0]
        Watcher(pair)
        try:
            with transaction.atomic:
                pair[0] += 10
                for _ in range(100):
                    pass
                pair[1] += 10
                raise KeyError
        except KeyError:
            pass
        with transaction.atomic:
            first, second = pair
            for _ in range(50):
                pass
            pair[:] = first + 1, second + 1
        assert pair in ([1, 1], [2, 2]), pair
    running[0] = False


def collect():
    while running[0]:
        gc.collect()


together(change, collect)
assert not wrong, wrong
print("ok")
