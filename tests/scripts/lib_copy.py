# copy and pickle's reduce protocol as copy uses it.
import copy
a = [1, [2, 3], {"k": (4, [5])}]
s, d = copy.copy(a), copy.deepcopy(a)
a[1].append("x"); a[2]["k"][1].append("y")
print(s, d, copy.copy((1, 2)), copy.deepcopy("s"), copy.copy({1}), copy.deepcopy({(1, 2): [3]}))
class C:
    def __init__(self, v): self.v = v
    def __eq__(self, o): return self.v == o.v
c = C([1]); e, f = copy.copy(c), copy.deepcopy(c)
print(e.v is c.v, f.v is c.v, f == c, type(f).__name__)
class H:
    def __copy__(self): return "copied"
    def __deepcopy__(self, memo): return "deep copied"
print(copy.copy(H()), copy.deepcopy([H()]))
l = [1]; l.append(l); m = copy.deepcopy(l); print(m[1] is m, m is not l)
x = [0]; y = [x, x]; z = copy.deepcopy(y); print(z[0] is z[1], z[0] is x)
class S:
    __slots__ = ("a", "b")
o = S(); o.a = [1]; q = copy.deepcopy(o); print(q.a, q.a is o.a, hasattr(q, "b"))
print(copy.copy(len) is len, copy.deepcopy(C) is C, copy.replace(__import__("collections").namedtuple("N", "a b")(1, 2), a=5))
import collections
print(copy.copy(collections.deque([1], 3)), copy.deepcopy(collections.defaultdict(list, a=[1])), copy.deepcopy(collections.OrderedDict(a=[1])))
