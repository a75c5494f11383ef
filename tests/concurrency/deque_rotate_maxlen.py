# rotate and bounded appends, each one step.
from collections import deque
from _together import together, ROUNDS
d, m = deque(range(10)), deque(maxlen=5)
def spin(n):
    for _ in range(ROUNDS): d.rotate(n)
def push(i):
    for k in range(ROUNDS): m.append((i, k))
def look():
    for _ in range(ROUNDS):
        assert sorted(d.copy()) == list(range(10))
        assert len(m) <= 5
together(lambda: spin(1), lambda: spin(-3), lambda: push(0), lambda: push(1), look)
start = d.index(0)
assert [d[(start + i) % 10] for i in range(10)] == list(range(10))
assert len(m) == 5 and m[-1][1] == ROUNDS - 1
print("ok")
