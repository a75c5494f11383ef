# needs: rollback
# What rolled-back blocks allocate is reused at once; nobody must still see it.
import transaction
from _together import together, ROUNDS
class Undo(Exception): pass
shared, stop = {"current": ("gen", 0, [0] * 8)}, []
def churn(i):
    for k in range(ROUNDS):
        try:
            with transaction.atomic:
                shared["current"] = ("doomed", k, [object() for _ in range(8)])
                raise Undo
        except Undo:
            noise = [("noise", i, [None] * 8) for _ in range(10)]
        if k % 4 == 0:
            with transaction.atomic:
                n = shared["current"][1] + 1
                shared["current"] = ("gen", n, [n] * 8)
    stop.append(i)
def read():
    last = 0
    while len(stop) < 2:
        kind, n, items = shared["current"]
        assert kind == "gen" and items == [n] * 8 and n >= last, (kind, n, items)
        last = n
together(lambda: churn(0), lambda: churn(1), read, read)
assert shared["current"][1] == 2 * len(range(0, ROUNDS, 4))
print("ok")
