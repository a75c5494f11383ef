"""A check and what rests on it, not one step: two withdrawals may both see the money that only one of them gets."""
from transaction.testing import invariant, operation, state


@state
def accounts():
    return {"a": 100, "b": 0}


@operation
def transfer(s, amount: int):
    if 0 <= amount <= s["a"]:
        s["a"] -= amount
        s["b"] += amount


@operation
def withdraw_all(s):
    amount = s["a"]
    if amount > 0:
        s["a"] -= amount
        return amount


@invariant
def nobody_overdraws(s):
    return s["a"] >= 0 and s["b"] >= 0
