# Two blocks that each read what the other writes: one of them must see the other.
import transaction
from _together import together, ROUNDS
class On: pass
a, b = On(), On()
a.on = b.on = True
count = 0
def leave(me, other):
    left = 0
    for _ in range(ROUNDS):
        with transaction.atomic:
            if me.on and other.on:
                me.on = False
                left += 1
        with transaction.atomic:
            assert a.on or b.on, "both left"
        with transaction.atomic:
            me.on = True
    return left
together(lambda: leave(a, b), lambda: leave(b, a))
d = {"x": 1, "y": 1}
def skew(mine, other):
    for _ in range(ROUNDS):
        with transaction.atomic:
            if d[mine] + d[other] == 2: d[mine] = 0
        with transaction.atomic:
            assert d["x"] + d["y"] >= 1, d
            d[mine] = 1
together(lambda: skew("x", "y"), lambda: skew("y", "x"))
print("ok")
