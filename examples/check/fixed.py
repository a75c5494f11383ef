"""The same programs, right: each operation is one step, or takes its locks in one order."""
import threading
from transaction import atomic, retry
from transaction.testing import invariant, operation, state


class Bank:
    def __init__(self):
        self.accounts = {"a": 100, "b": 0}
        self.on_call = {"ann": True, "bob": True}
        self.left, self.right = threading.Lock(), threading.Lock()
        self.moved = 0
        self.jobs = []


@state
def bank():
    return Bank()


@operation
@atomic
def transfer(s, amount: int):
    if 0 <= amount <= s.accounts["a"]:
        s.accounts["a"] -= amount
        s.accounts["b"] += amount


@operation
def leave(s, name: str):
    with atomic:
        if sum(s.on_call.values()) > 1 and s.on_call.get(name):
            s.on_call[name] = False


@operation
def move(s, steps: int):
    with s.left:
        with s.right:
            s.moved += steps


@operation
@atomic
def total(s) -> int:
    return sum(s.accounts[name] for name in s.accounts)


@invariant
def money_stays(s):
    return sum(s.accounts.values()) == 100 and min(s.accounts.values()) >= 0


@invariant
def somebody_is_there(s):
    return any(s.on_call.values())
