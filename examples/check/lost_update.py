"""A counter that two threads read before either writes it back."""
from transaction.testing import invariant, operation, state


class Counter:
    def __init__(self):
        self.hits = 0
        self.calls = 0


@state
def counter():
    return Counter()


@operation
def hit(c):
    c.hits += 1


@operation
def hits(c) -> int:
    return c.hits
