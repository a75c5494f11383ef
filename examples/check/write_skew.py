"""Each doctor goes off call if another one stays, and each sees that in a step of its own: in the end none stays."""
from transaction import atomic
from transaction.testing import invariant, operation, state


@state
def on_call():
    return {"ann": True, "bob": True}


def others(s, name):
    with atomic:
        return sum(there for doctor, there in s.items() if doctor != name)


@operation
def ann_leaves(s):
    if others(s, "ann"):
        with atomic:
            s["ann"] = False


@operation
def bob_leaves(s):
    if others(s, "bob"):
        with atomic:
            s["bob"] = False


@invariant
def somebody_is_there(s):
    return any(s.values())
