# dict methods.
d = {"a": 1, "b": 2}
d["c"] = 3
print(d, len(d), d["a"], d.get("z"), d.get("z", 0), d.setdefault("d", 4), d.setdefault("a", 9), d.pop("b"), d.pop("zz", None), d.popitem(), d)
d.update({"x": 1}); d.update(y=2); d.update([("z", 3)]); d.update([("k", 1)], k=5); print(d)
print(dict(), dict(a=1), dict([("a", 1), ["b", 2]]), dict({"a": 1}, b=2), dict(zip("ab", (1, 2))), dict.fromkeys("ab"), dict.fromkeys([1, 2], 0), {**d, "a": 0}, {i: i * i for i in range(3)})
print(d | {"q": 1}, {"a": 1} | {"a": 2}, "a" in d, "b" not in d, list(d), list(d.keys()), list(d.values()), list(d.items()), sorted(d), list(reversed(d)))
d |= {"w": 0}; d |= [("v", 1)]; del d["x"]; print(d)
print({1: "int", 1.0: "float", True: "bool"}, {0: 1}[False], {(1, 2): 3}[(1, 2)], {None: 1}[None], {"a": 1} == {"a": 1.0}, {"a": 1, "b": 2} == {"b": 2, "a": 1}, {"a": 1} != {})
c = d.copy(); c["new"] = 1; print("new" in d, d == c); c.clear(); print(c, bool(c), d is d.copy())
for bad in (lambda: d["nope"], lambda: {}.popitem(), lambda: {}.pop("k"), lambda: dict(5), lambda: dict([1]), lambda: dict([(1, 2, 3)]), lambda: d < d, lambda: {} + {}, lambda: d.update(5), lambda: dict(1, 2), lambda: hash({})):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
for k in ([], {}, set()):
    try:
        d[k] = 1
    except TypeError as e:
        print("unhashable" in str(e))
class Key:
    def __init__(self, n): self.n = n
    def __hash__(self): return 1
    def __eq__(self, o): return self.n == o.n
e = {Key(i): i for i in range(20)}
print(len(e), [e[Key(i)] for i in (0, 7, 19)], Key(20) in e); del e[Key(7)]; print(len(e), Key(7) in e, e[Key(19)])
n = {}
n["a"] = {}; n["a"]["b"] = {}; n["a"]["b"]["c"] = 1; print(n, n["a"]["b"]["c"])
big = {i: str(i) for i in range(1000)}
for i in range(0, 1000, 2): del big[i]
print(len(big), list(big)[:3], big[999], 500 in big, sum(big)); big[0] = "zero"; print(list(big)[-1])
print(repr({"a": [1, {"b": 2}], 3: None}), str({}), {}.__class__, {"k": 1}.__contains__("k"), d.__len__() == len(d))
print(list({"b": 1, "a": 2, "c": 3}.items()), [k for k in {"x": 1}], max({"a": 1, "b": 0}))
for k, v in {"one": 1, "two": 2}.items(): print(k, v)
