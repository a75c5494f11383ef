# Function, method and builtin objects.
def f(a, b=1): return a + b
class C:
    def m(self): return self
    @classmethod
    def c(cls): return cls
    @staticmethod
    def s(): return "s"
o = C()
print(type(f).__name__, type(o.m).__name__, type(C.m).__name__, type(C.c).__name__, type(C.s).__name__, type(len).__name__, type([].append).__name__, type(list.append).__name__, type(int.__add__).__name__, type((1).__add__).__name__, type(C.__dict__["c"]).__name__)
print(o.m() is o, C.c() is C, o.m.__name__, o.m == o.m, o.m != C().m, hash(o.m) == hash(o.m), o.m.__self__ is o, C.c.__self__ is C, len.__name__, [].append.__self__, list.append.__name__, len.__module__, f.__module__, len.__doc__ is not None)
import types
b = types.MethodType(f, 10)
print(b(5), b.__func__ is f, b.__self__)
g = types.FunctionType(f.__code__, globals(), "g", (7,))
print(g(1), g.__name__, g.__defaults__)
f.attr = 1
print(f.attr, o.m.__func__.__name__, vars(f), hasattr(o.m, "attr"))
try:
    o.m.attr = 1
except AttributeError as e:
    print(e)
print(str.upper("a"), list.append([], 1), int.__add__(1, 2), str.join(",", "ab"), dict.get({"a": 1}, "a"), object.__repr__(5)[:11])
for bad in (lambda: str.upper(5), lambda: list.append(1, 2), lambda: str.upper(), lambda: len(), lambda: len(1, 2), lambda: [].append(), lambda: [].append(1, 2), lambda: len(x=1), lambda: int.__add__("a", 1), lambda: "a".upper(1)):
    try:
        bad()
    except TypeError as e:
        print(e)
print(max.__name__, repr(f)[:13], repr(o.m).startswith("<bound method C.m of <__main__.C object at"), repr([].append)[:40], repr(C.m)[:15], callable(C.s))
from functools import partial, partialmethod
p = partial(f, 1, b=5)
print(p(), p(b=7), p.func is f, p.args, p.keywords, partial(p, b=9)())
class D:
    def base(self, x, y): return x, y
    pm = partialmethod(base, 1)
print(D().pm(2))
