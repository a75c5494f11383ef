"""Two locks, taken in one order by some and in the other by others."""
import threading
from transaction.testing import invariant, operation, state


class Pair:
    def __init__(self):
        self.left, self.right = threading.Lock(), threading.Lock()
        self.moved = 0


@state
def pair():
    return Pair()


@operation
def move_right(p):
    with p.left:
        with p.right:
            p.moved += 1


@operation
def move_left(p):
    with p.right:
        with p.left:
            p.moved -= 1
