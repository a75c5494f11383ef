"""The loop on all cores: in order it has the loop's result, whatever it does; otherwise that of some order."""
import io
import sys
from transaction import atomic, parallel_for
from _together import ROUNDS

N = max(ROUNDS // 4, 8)
state = {"x": 1}
log = []


def step(i):
    state["x"] = (state["x"] * 7 + i) % 10_007
    log.append(i)


parallel_for(step, range(N), threads=4, ordered=True)
x = 1
for i in range(N):
    x = (x * 7 + i) % 10_007
assert state == {"x": x} and log == list(range(N)), log

log.clear()
parallel_for(log.append, (i * i for i in range(N)), threads=3)
assert sorted(log) == [i * i for i in range(N)], log


# An effect on the world outside waits for its turn as well.
class Output(io.StringIO):
    pass


real, sys.stdout = sys.stdout, Output()
parallel_for(print, range(N), threads=3, ordered=True)
text, sys.stdout = sys.stdout.getvalue(), real
assert text == "".join(f"{i}\n" for i in range(N)), text


def irrevocable(i):
    import transaction
    transaction.irrevocable()
    log.append(i)


log.clear()
parallel_for(irrevocable, range(10), threads=3, ordered=True)
assert log == list(range(10)), log


# As in the loop: what comes before the exception has happened, and nothing after it.
def fail(i):
    log.append(i)
    if i >= 5:
        raise LookupError(i)


log.clear()
try:
    parallel_for(fail, range(N), threads=3, ordered=True)
except LookupError as error:
    assert error.args == (5,), error
else:
    assert False, "nothing was raised"
assert log == [0, 1, 2, 3, 4], log

log.clear()
try:
    parallel_for(fail, range(N), threads=3)
except LookupError:
    pass
else:
    assert False, "nothing was raised"
assert all(i < 5 for i in log), log


# What the items raise is raised.
def items():
    yield 1
    raise OSError("no more")


for ordered in False, True:
    log.clear()
    try:
        parallel_for(log.append, items(), threads=2, ordered=ordered)
    except OSError:
        pass
    else:
        assert False, "nothing was raised"

with atomic:
    log.clear()
    parallel_for(log.append, range(5), threads=4)
    assert log == [0, 1, 2, 3, 4]

real, sys.stderr = sys.stderr, io.StringIO()
parallel_for(abs, range(20), threads=2, progress=True)
text, sys.stderr = sys.stderr.getvalue(), real
assert "100%  20/20" in text, text
print("ok")
