# Deques longer than one chunk: both ends, the middle, rotation, limits.
from collections import deque

d = deque()
model = []
seed = 12345
for step in range(4000):
    seed = (seed * 1103515245 + 12345) % 2**31
    op = seed >> 16 & 7
    if op in (0, 1, 2):
        d.append(step); model.append(step)
    elif op in (3, 4):
        d.appendleft(step); model.insert(0, step)
    elif op == 5 and model:
        assert d.pop() == model.pop()
    elif op == 6 and model:
        assert d.popleft() == model.pop(0)
    elif op == 7 and model:
        i = seed % (2 * len(model)) - len(model)
        assert d[i] == model[i], (i, len(model))
        if step % 5 == 0:
            d[i] = model[i] = -step
        if step % 7 == 0:
            del d[i]; del model[i]
        if step % 11 == 0:
            d.insert(i, step); model.insert(i, step)
        if step % 13 == 0:
            d.rotate(i)
            k = i % len(model) if model else 0
            model = model[-k:] + model[:-k] if k else model
assert list(d) == model and list(reversed(d)) == model[::-1]
print(len(d), sum(d), d[0], d[-1], d[len(d) // 2])

while d:
    d.popleft()
print(len(d), list(d))
for end in ("pop", "popleft"):
    try:
        getattr(d, end)()
    except IndexError as e:
        print(e)

d = deque(range(1000), 100)
print(len(d), d[0], d[-1], d.maxlen)
d.extend(range(70)); print(d[0], d[29], d[30], d[-1])
d.extendleft(range(70)); print(d[0], d[69], d[70], d[-1], len(d))
d = deque([1, 2, 3], 2); print(d, d * 3, d + deque([9]), deque(d, 5))
try:
    deque([1], 1).insert(0, 5)
except IndexError as e:
    print(e)

d = deque(range(5))
it = iter(d)
next(it)
d.append(5)
try:
    next(it)
except RuntimeError as e:
    print(e)
print(d.index(3), d.count(3), 9 in d, d == deque(range(6)), d < deque([0, 2]))
d.reverse(); print(d)
d.remove(3); print(d)
try:
    d.remove(33)
except ValueError as e:
    print(e)
r = deque([1]); r.append(r); print(r)
import copy, pickle
c = copy.copy(d); print(c == d, c is d)
print(pickle.loads(pickle.dumps(d)) == d)
class D(deque):
    pass
s = D([1, 2], 7); s.x = 1
t = copy.copy(s); print(type(t).__name__, t, t.maxlen)
print(deque.__class_getitem__(int), hash(deque) != 0)
try:
    hash(d)
except TypeError as e:
    print(e)
