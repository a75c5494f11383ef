# __getitem__, __setitem__, __delitem__, __len__, __contains__, __iter__, __reversed__, __missing__, old sequence protocol.
class C:
    def __getitem__(self, k): return ("get", k)
    def __setitem__(self, k, v): print("set", k, v)
    def __delitem__(self, k): print("del", k)
    def __len__(self): return 3
c = C()
print(c[1], c[1:2], c[:], c[::2], c[1, 2], c[...], c["k"], c[-1], c[1:2, 3])
c[0] = 1
c[1:2] = 5
del c[0], c[1:]
class Old:
    def __getitem__(self, i):
        if i >= 3: raise IndexError
        return i * 10
o = Old()
print(list(o), 20 in o, 5 in o, [*o], tuple(o), sum(o), max(o))
a, b, d = o
print(a, b, d)
class WithLen(Old):
    def __len__(self): return 3
print(list(reversed(WithLen())))
class R:
    def __reversed__(self): return iter("rev")
    def __iter__(self): return iter("fwd")
    def __contains__(self, x): return "truthy"
    def __length_hint__(self): return 10
print(list(reversed(R())), list(R()), 99 in R())
class M(dict):
    def __missing__(self, k): return f"missing {k}"
m = M(a=1)
print(m["a"], m["b"], m.get("b"), "b" in m)
for bad in (lambda: len(type("L", (), {"__len__": lambda s: -1})()), lambda: len(type("L", (), {"__len__": lambda s: "x"})()), lambda: iter(type("I", (), {"__iter__": lambda s: 5})()), lambda: next(5)):
    try:
        bad()
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)
class NotIter(C):
    __iter__ = None
    __contains__ = None
for f in (lambda: iter(NotIter()), lambda: 1 in NotIter()):
    try:
        f()
    except TypeError as e:
        print(e)
