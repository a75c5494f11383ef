# A deque between producers and consumers: nothing lost, nothing doubled, order kept for each producer.
from collections import deque
from _together import together, ROUNDS
d, ended = deque(), []
def produce(i):
    for k in range(ROUNDS): d.append((i, k))
    ended.append(i)
def consume():
    got = []
    while True:
        over = len(ended) == 2
        try:
            got.append(d.popleft())
        except IndexError:
            if over: return got
a, b = together(lambda: produce(0), lambda: produce(1), consume, consume)[2:]
assert sorted(a + b) == sorted((i, k) for i in range(2) for k in range(ROUNDS))
for got in (a, b):
    for i in range(2):
        mine = [k for j, k in got if j == i]
        assert mine == sorted(mine)
print("ok")
