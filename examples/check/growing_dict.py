"""A loop over a dict that another thread puts something into."""
from transaction.testing import invariant, operation, state


@state
def stock():
    return {"nut": 1, "bolt": 2}


@operation
def add(s, name: str, n: int):
    s[name] = s.get(name, 0) + n


@operation
def total(s) -> int:
    n = 0
    for name in s:
        n += s[name]
    return n
