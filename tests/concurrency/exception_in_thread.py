# A thread that dies of an exception keeps what it did and harms nobody; its traceback can be read by another.
import os, threading
from _together import ROUNDS
caught, log = [], []
threading.excepthook = lambda a: caught.append(a.exc_value)
def die(i):
    for k in range(ROUNDS):
        log.append(i)
        if k == ROUNDS - 1:
            local = {"i": i, "list": [i] * 3}
            raise ValueError("thread", i)
ts = [threading.Thread(target=die, args=(i,)) for i in range(4)]
for t in ts: t.start()
for t in ts: t.join()
assert sorted(e.args[1] for e in caught) == [0, 1, 2, 3]
assert all(log.count(i) == ROUNDS for i in range(4))
for e in caught:
    tb = e.__traceback__
    while tb.tb_next: tb = tb.tb_next
    assert tb.tb_frame.f_locals["local"]["list"] == [e.args[1]] * 3
    if "KEELBACK_GC_STRESS" not in os.environ:  # Importing it takes a minute then.
        import traceback
        assert "raise ValueError" in "".join(traceback.format_exception(e))
print("ok")
