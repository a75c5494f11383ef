# getattr, setattr, hasattr, delattr, vars, dir, type, isinstance, callable, id.
class C:
    a = 1
    def m(self): pass
c = C()
setattr(c, "b", 2)
setattr(c, "not an identifier", 3)
print(getattr(c, "a"), getattr(c, "b"), getattr(c, "zz", "default"), hasattr(c, "m"), hasattr(c, "zz"), vars(c), getattr(c, "not an identifier"))
delattr(c, "b")
print(hasattr(c, "b"), [n for n in dir(c) if not n.startswith("__")], [n for n in dir(C) if not n.startswith("__")])
for bad in (lambda: getattr(c, "zz"), lambda: delattr(c, "zz"), lambda: setattr(5, "a", 1), lambda: vars(5), lambda: getattr(c, 1), lambda: hasattr(c, 1), lambda: setattr(c, 1, 2), lambda: getattr(c), lambda: isinstance(1), lambda: delattr(c, "a")):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
x = 1
def f():
    y = 2
    return sorted(vars()), sorted(locals()), "x" in globals(), dir()
print(f())
print("append" in dir(list), "__add__" in dir(1), "real" in dir(5), dir(type("E", (), {"__dir__": lambda s: ["z", "a"]})()))
class P:
    @property
    def p(self): raise AttributeError("inner")
    @property
    def q(self): raise ValueError("not hidden")
print(hasattr(P(), "p"), getattr(P(), "p", 0))
try:
    hasattr(P(), "q")
except ValueError as e:
    print(e)
print(type(c) is C, type(c).__name__, isinstance(c, C), id(c) == id(c), vars(C)["a"], object().__class__)
import math
print("pi" in dir(math), vars(math)["pi"] == math.pi, getattr(math, "e") > 2)
try:
    math.nope
except AttributeError as e:
    print(e)
