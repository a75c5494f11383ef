"""Calls in a TransactionQueue have the effect of being made one after another; in order, if asked. # needs: rollback"""
from transaction import TransactionQueue, atomic, is_atomic
from _together import ROUNDS

N = max(ROUNDS // 4, 8)
state = [1]
seen = []


def mix(i):
    # Does not commute: the result tells the order.
    assert is_atomic()
    state[0] = (state[0] * 31 + i) % 1_000_003
    seen.append(i)


def expected():
    x = 1
    for i in range(N):
        x = (x * 31 + i) % 1_000_003
    return x


queue = TransactionQueue(4, ordered=True)
for i in range(N):
    queue.add(mix, i)
assert len(queue) == N
queue.run()
assert state[0] == expected() and seen == list(range(N)) and not queue

# In whatever order, but one after another.
seen.clear()
for i in range(N):
    queue.add(mix, i=i)
state[0] = 1
queue.run(ordered=False)
x = 1
for i in seen:
    x = (x * 31 + i) % 1_000_003
assert state[0] == x and sorted(seen) == list(range(N))

# A call may add calls, all the way down.
leaves = []


def split(low, high):
    if high - low == 1:
        leaves.append(low)
        return
    middle = (low + high) // 2
    queue.add(split, low, middle)
    queue.add(split, middle, high)


for ordered in False, True:
    leaves.clear()
    queue.add(split, 0, N)
    queue.run(ordered=ordered)
    assert sorted(leaves) == list(range(N)), leaves


# An exception takes its own call back, stops the rest, and is raised.
def fail(i):
    seen.append(i)
    if i == N // 2:
        queue.add(print, "not to be called")
        raise ZeroDivisionError(i)


seen.clear()
for i in range(N):
    queue.add(fail, i)
try:
    queue.run(ordered=True)
except ZeroDivisionError as error:
    assert error.args == (N // 2,)
else:
    assert False, "nothing was raised"
assert seen == list(range(N // 2)), seen
assert len(queue) == N - N // 2, len(queue)

queue = TransactionQueue(threads=3)
seen.clear()
for i in range(N):
    queue.add(fail, i)
try:
    queue.run()
except ZeroDivisionError:
    pass
else:
    assert False, "nothing was raised"
assert N // 2 not in seen and len(seen) == len(set(seen))


# The steps of a generator follow each other, whatever runs between them.
def steps(name, n):
    for i in range(n):
        seen.append((name, i))
        yield


queue = TransactionQueue(3)
seen.clear()
for name in "abc":
    queue.add_generator(steps(name, 5))
queue.run()
for name in "abc":
    assert [i for n, i in seen if n == name] == list(range(5)), seen

# Within a block it is part of that block.
seen.clear()
for i in range(5):
    queue.add(seen.append, i)
try:
    with atomic:
        queue.run()
        assert seen == [0, 1, 2, 3, 4]
        raise KeyError
except KeyError:
    pass
assert seen == [] and len(queue) == 5

for wrong in (lambda: queue.add(5), lambda: queue.run(threads=0), lambda: TransactionQueue("two")):
    try:
        wrong()
    except (TypeError, ValueError):
        continue
    assert False, "no error"
print("ok")
