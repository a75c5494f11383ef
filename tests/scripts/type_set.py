# set and frozenset: algebra, methods, errors. Order is not shown.
a, b = {1, 2, 3}, {3, 4}
s = sorted
print(s(a | b), s(a & b), s(a - b), s(a ^ b), s(b - a), a | set() == a, s(a.union([5], (6,))), s(a.intersection([1, 9], {1, 2})), s(a.difference([1], [2])), s(a.symmetric_difference([1, 9])))
print(a <= {1, 2, 3, 4}, a < a, a <= a, {1} < a, a > {1, 2}, a >= b, a.issubset(range(9)), a.issuperset([1]), a.isdisjoint([7]), a == {3, 2, 1}, a != b, set() < {1}, {1, 2} == frozenset([1, 2]))
a.add(4); a.add(4); a.discard(99); a.discard(1); a.remove(2); print(s(a), len(a), 3 in a, 9 not in a)
a.update([7, 8], [9]); a.intersection_update({3, 7, 8}); a.difference_update([8]); a.symmetric_difference_update({3, 100}); print(s(a))
a |= {1}; a &= {1, 7}; a -= {7}; a ^= {5}; print(s(a), a.pop() in (1, 5), len(a)); c = a.copy(); a.clear(); print(a, len(c), set(), bool(a))
print(set("hello") == set("ehlo"), s(set([1, 1.0, True, 2])), {x % 3 for x in range(10)} == {0, 1, 2}, {*"ab"} == {"a", "b"}, {1}, {"x"}, frozenset(), frozenset({1}), repr({(1, 2)}))
for bad in (lambda: a.remove(5), lambda: set().pop(), lambda: {1} | [2], lambda: {1} + {2}, lambda: set(5), lambda: hash({1}), lambda: frozenset().add, lambda: {1} < [1], lambda: a[0], lambda: {1} & "a"):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
f = frozenset([1, 2])
print(hash(f) == hash(frozenset([2, 1])), {f: "k"}[frozenset([2, 1])], f | {3} == {1, 2, 3}, type(f | {3}).__name__, type({3} | f).__name__, f.copy() is f, frozenset(f) is f, {frozenset()} == {frozenset()}, {1, 2} in {f})
big = set(range(1000)) - set(range(0, 1000, 2)); print(len(big), sum(big), 501 in big, 500 in big)
n = {1, 2, 3}
for x in list(n): n.discard(x)
print(n, s({1, 2} | {2: "x"}.keys()), max({3, 9, 1}), sum({1, 2}), s(map(str, {1, 2})), {1} is not None, {True, 1, 1.0})
class H:
    def __init__(self, v): self.v = v
    def __hash__(self): return 0
    def __eq__(self, o): return self.v == o.v
hs = {H(i % 5) for i in range(20)}; print(len(hs), H(3) in hs, H(7) in hs)
hs.remove(H(3)); print(len(hs), H(3) in hs, H(4) in hs)
print(hash(frozenset([1, 2, 3])) == hash(frozenset([3, 2, 1])), s(frozenset("ab").union("c")), s({1, 2, 3}.intersection({2, 3}, {3})))
