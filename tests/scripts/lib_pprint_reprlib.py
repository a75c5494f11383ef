# pprint, reprlib.
import pprint, reprlib
data = {"name": "x" * 30, "list": list(range(30)), "nested": {"a": [1, 2, {"b": "c" * 50}], "t": (1,)}, "set": {1, 2, 3}}
pprint.pprint(data, width=60); print(pprint.pformat([1, 2]), pprint.pformat({"b": 1, "a": 2}), pprint.pformat(["a" * 20] * 4, width=40))
print(reprlib.repr(list(range(100))), reprlib.repr("x" * 100), reprlib.repr({i: i for i in range(10)}))
class C:
    @reprlib.recursive_repr()
    def __repr__(self): return f"C({self.me!r})"
c = C(); c.me = c; print(c)
