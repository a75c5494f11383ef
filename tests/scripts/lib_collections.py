# namedtuple, Counter, OrderedDict, defaultdict, ChainMap, UserDict.
from collections import namedtuple, Counter, OrderedDict, defaultdict, ChainMap, UserDict, UserList, UserString
P = namedtuple("P", "x y z", defaults=[0])
p = P(1, 2)
print(p, p.x, p[1], p._asdict(), p._replace(x=9), P._fields, P._make([1, 2, 3]), p == (1, 2, 0), P._field_defaults, [*p], P.__doc__)
for bad in (lambda: P(1), lambda: namedtuple("Q", "a a"), lambda: namedtuple("Q", "for"), lambda: setattr(p, "x", 1), lambda: p._replace(q=1)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__)
print(namedtuple("Q", "a for b", rename=True)._fields)
class Sub(P):
    def total(self): return sum(self)
print(Sub(1, 2, 3).total(), Sub(1, 2))
c = Counter("abracadabra")
print(c, c.most_common(2), c["zz"], sum(c.values()), c + Counter("ab"), c - Counter("aaaa"), c & Counter("aab"), c | Counter("z"), sorted(c.elements())[:3], c.total())
c.update("aa"); c.subtract({"b": 5}); print(c, +c, -c, Counter(a=1) == Counter("a"), Counter([1, 1, 2])[1])
o = OrderedDict(a=1, b=2, c=3)
o.move_to_end("a"); print(o, o.popitem(last=False), list(o), o == OrderedDict(c=3, a=1), o == {"a": 1, "c": 3}, list(reversed(o)))
o.move_to_end("a", last=False); print(o)
d = defaultdict(list)
d["a"].append(1); d["b"]; print(d, d.default_factory, "z" in d, d.get("z"), dict(d), d.copy())
n = defaultdict(lambda: defaultdict(int)); n["x"]["y"] += 5; print(n["x"]["y"])
try:
    defaultdict(None)["k"]
except KeyError as e:
    print(repr(e))
m = ChainMap({"a": 1}, {"a": 2, "b": 3}); m["c"] = 4
print(m["a"], m["b"], m.maps, dict(m) == {"a": 1, "b": 3, "c": 4}, m.new_child({"a": 0})["a"], m.parents["a"], len(m))
class U(UserDict):
    def __setitem__(self, k, v): super().__setitem__(k, v * 2)
print(U(a=1), U(a=1)["a"], UserList([1, 2]) + [3], UserString("ab").upper())
