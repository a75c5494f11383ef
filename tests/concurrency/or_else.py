"""Whoever takes from one of two boxes by `or_else` gets each thing once, and what a part that waits has done is undone. # needs: rollback"""
from transaction import atomic, or_else, retry
from _together import ROUNDS, many, together

boxes = [[], []]
touched = [0]


def take(box):
    def from_box():
        # To be taken back, if there is nothing.
        touched[0] += 1
        if not box:
            retry()
        touched[0] -= 1
        return box.pop()
    return from_box


def fill(index):
    for n in range(ROUNDS):
        with atomic:
            boxes[(n + index) % 2].append((index, n))


def empty(index):
    got = []
    for n in range(ROUNDS):
        first, second = boxes[::1 - 2 * (n % 2)]
        if n % 3:
            got.append(or_else(take(first), take(second)))
        else:
            # Within a block, one in the other, and the last one at the end of the chain.
            with atomic:
                got.append(or_else(lambda: or_else(take(first), retry), take(second)))
    return got


*_, a, b = together(lambda: fill(0), lambda: fill(1), lambda: empty(0), lambda: empty(1))
assert sorted(a + b) == sorted((index, n) for index in range(2) for n in range(ROUNDS))
assert boxes == [[], []] and touched == [0]

# An exception of the first part is no reason to try the second; what that part did is undone.
state = [1]


def fails():
    state[0] = 2
    raise KeyError(1)


with atomic:
    try:
        or_else(fails, lambda: 1 / 0)
    except KeyError:
        pass
    assert state == [1]
try:
    or_else(retry, lambda: {}[1])
except KeyError:
    pass
print("ok")
