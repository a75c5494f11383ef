# collections.deque.
from collections import deque
d = deque([1, 2, 3])
d.append(4); d.appendleft(0); d.extend([5, 6]); d.extendleft([-1, -2])
print(d, len(d), d.pop(), d.popleft(), d[0], d[-1], d[3], d.count(2), d.index(3), 2 in d)
d.rotate(2); print(d); d.rotate(-3); print(d); d.reverse(); print(d)
d.insert(2, "x"); d.remove("x"); d[1] = "set"; del d[0]; print(d, d.copy() == d, deque("abc"), deque(), deque([1]) + deque([2]), deque([1]) * 3)
m = deque(maxlen=3)
for i in range(5): m.append(i)
print(m, m.maxlen); m.appendleft("L"); print(m, deque([1, 2, 3], 2), deque(maxlen=0))
for bad in (lambda: deque().pop(), lambda: deque().popleft(), lambda: d[99], lambda: d.remove("zz"), lambda: d.index("zz"), lambda: m.insert(0, 1), lambda: d[0:1], lambda: hash(d), lambda: deque(5), lambda: deque([], -1)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
try:
    for x in d: d.append(x)
except RuntimeError as e:
    print(e)
print(list(reversed(deque([1, 2]))), deque([1, 2]) < deque([1, 3]), bool(deque()), sum(deque([1, 2])), sorted(deque([2, 1])), deque([1]) == [1], list(map(str, deque([1]))))
big = deque(range(1000))
for _ in range(500): big.popleft(); big.append(big.pop() + 1)
print(len(big), big[0], big[-1], big[250]); d.clear(); print(d, d.maxlen)
