# Sorting: stable, keys, reverse, errors, mutation while sorting.
words = ["banana", "Apple", "cherry", "apple", "fig", "Date"]
print(sorted(words), sorted(words, key=str.lower), sorted(words, key=len), sorted(words, key=len, reverse=True), sorted(words, reverse=True))
pairs = [(i % 3, i) for i in range(12)]
print(sorted(pairs, key=lambda p: p[0]), sorted(pairs, key=lambda p: -p[0]), sorted(pairs, key=lambda p: p[0], reverse=True))
l = [5, 2, 9, 1]; l.sort(); print(l, l.sort(reverse=True), l)
l.sort(key=lambda x: abs(x - 4)); print(l)
print(sorted("hello"), sorted({3, 1, 2}), sorted({"b": 1, "a": 2}), sorted((2, 1)), sorted([]), sorted(range(5, 0, -1)), sorted([True, False, 0, 1]), sorted([1.5, 1, 2, 0.5]), sorted([[2], [1, 5], [1]]))
calls = []
sorted([3, 1, 2], key=lambda x: calls.append(x) or x); print(calls)
class R:
    def __init__(self, n): self.n = n
    def __lt__(self, o): return self.n > o.n
    def __repr__(self): return f"R{self.n}"
print(sorted([R(1), R(3), R(2)]), sorted([R(1), R(3), R(2)], reverse=True), max([R(1), R(3)], key=lambda r: r.n))
for bad in (lambda: sorted([1, "a"]), lambda: sorted([None, None]), lambda: sorted([1], key=5), lambda: sorted(5), lambda: sorted([1], lambda x: x), lambda: sorted([2, 1], key=lambda x: 1 / 0)):
    try:
        print(bad())
    except Exception as e:
        print(type(e).__name__, e)
l = [3, 2, 1]
try:
    l.sort(key=lambda x: l.append(x) or x)
except ValueError as e:
    print(e)
import random
r = random.Random(5)
data = [r.randrange(1000) for _ in range(2000)]
s = sorted(data)
print(all(a <= b for a, b in zip(s, s[1:])), sum(s) == sum(data), s[:5], s[-3:])
st = sorted(enumerate(data), key=lambda p: p[1] // 100)
print(all(a[1] // 100 < b[1] // 100 or (a[1] // 100 == b[1] // 100 and a[0] < b[0]) for a, b in zip(st, st[1:])))
from functools import cmp_to_key
print(sorted([3, 1, 2], key=cmp_to_key(lambda a, b: b - a)))
from operator import itemgetter, attrgetter
print(sorted([{"a": 2}, {"a": 1}], key=itemgetter("a")), sorted(words, key=lambda w: (len(w), w)))
print(sorted([float("inf"), 1, -float("inf"), 2**70, -2**70]), sorted(["b", "a", "é", "z", "😀", ""]))
