# The iterator protocol by hand.
class Count:
    def __init__(self, n): self.i, self.n = 0, n
    def __iter__(self): return self
    def __next__(self):
        if self.i >= self.n: raise StopIteration
        self.i += 1
        return self.i
print(list(Count(3)), sum(Count(4)), [*Count(2)], max(Count(5)), 3 in Count(5), dict(zip(Count(2), "ab")))
c = Count(3)
for x in c:
    print(x)
    break
print(list(c), list(c))
print(next(Count(0), "default"))
a, *b = Count(4)
print(a, b)
class Fresh:
    def __iter__(self): yield 1; yield 2
f = Fresh()
print([(x, y) for x in f for y in f])
class Raises:
    def __iter__(self): return self
    def __next__(self): raise ValueError("from next")
try:
    list(Raises())
except ValueError as e:
    print(e)
it = iter([1, 2, 3])
print(iter(it) is it, next(it), it.__length_hint__(), list(it))
l = [1, 2, 3]
for x in l:
    if x < 3: l.append(x + 10)
    if len(l) > 8: break
print(l)
d = {"a": 1}
try:
    for k in d: d["b"] = 2
except RuntimeError as e:
    print(e)
s = {1}
try:
    for k in s: s.add(2)
except RuntimeError as e:
    print(e)
l = [1, 2, 3, 4]
for x in l: l.remove(x)
print(l)
it = iter([1]); list(it); l2 = list(it)
print(l2)
for t in ([], (), {}, set(), "", b"", range(0), {}.keys(), {}.values(), {}.items(), reversed([]), enumerate([]), zip(), map(int, []), filter(None, [])):
    print(type(iter(t)).__name__, end=" ")
print()
