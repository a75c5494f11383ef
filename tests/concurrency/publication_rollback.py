# needs: rollback
# An object published by a block that rolls back is not seen, and its memory is not reused under a reader.
import transaction
from _together import together, ROUNDS
class Undo(Exception): pass
shared = {"v": ("committed", 0)}; log = []; stop = []
def write():
    for k in range(ROUNDS):
        try:
            with transaction.atomic:
                shared["v"] = ("rolled back", [k] * 10)
                shared["new"] = {"k": k}
                log.append(("rolled back", k))
                if k % 2: raise Undo
                shared["v"] = ("committed", k)
                del shared["new"]
                log[-1] = ("committed", k)
        except Undo:
            garbage = [("x", i) for i in range(20)]
    stop.append(1)
def read():
    last = n = 0
    while not stop or n == 0:
        kind, k = shared["v"]
        assert kind == "committed" and isinstance(k, int) and k >= last, (kind, k)
        assert "new" not in shared
        last = k; n += 1
together(write, read, read)
assert log == [("committed", k) for k in range(0, ROUNDS, 2)]
print("ok")
