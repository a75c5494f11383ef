"""A thread that an atomic block starts, be it the first, starts when the block commits, and never if it is rolled back.
# needs: rollback"""
import _thread
import time
import transaction

state = [0]
seen = []


def look():
    seen.append(state[0])


def work():
    for _ in range(3000):
        pass


def change(undo):
    with transaction.atomic:
        state[0] += 1
        _thread.start_new_thread(look, ())
        work()
        state[0] += 1
        if undo:
            raise KeyError


for round in range(3):
    try:
        change(True)
    except KeyError:
        pass
    assert state[0] == 2 * round
    time.sleep(0.01)
    assert len(seen) == round
    change(False)
    while len(seen) == round:
        time.sleep(0.001)
    assert seen[-1] == state[0] == 2 * round + 2

# Nor can it be waited for within the block.
try:
    with transaction.atomic:
        _thread.start_new_thread(look, ())
        transaction.retry()
except RuntimeError:
    pass
else:
    raise AssertionError("the block has waited")
time.sleep(0.01)
assert len(seen) == 3
print("ok")
