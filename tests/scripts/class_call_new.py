# __call__, __new__, __init__ and what type() does with them.
class A:
    def __new__(cls, *args, **kw):
        print("new", cls.__name__, args, kw)
        return super().__new__(cls)
    def __init__(self, *args, **kw):
        print("init", args, kw)
    def __call__(self, *args, **kw): return ("called", args, kw)
a = A(1, k=2)
print(a(3, z=4), callable(a), callable(A), callable(5))
class NotInstance:
    def __new__(cls): return "a string"
    def __init__(self): print("never")
print(NotInstance())
class I(int):
    def __new__(cls, v): return super().__new__(cls, v * 2)
    def __add__(self, o): return I(int(self) + o)
i = I(5)
print(i, i + 1, type(i + 1).__name__, i * 2, type(i * 2).__name__, isinstance(i, int))
class S(str):
    def shout(self): return self.upper() + "!"
print(S("a").shout(), S("a") + "b", type(S("a") + "b").__name__, len(S("abc")), {S("k"): 1}["k"])
class L(list):
    def __init__(self, *a): super().__init__(a); self.extra = 1
    def __getitem__(self, i): return ("L", super().__getitem__(i))
l = L(1, 2)
l.append(3)
print(l, l[0], l.extra, len(l), l == [1, 2, 3], list(l))
class T(tuple):
    def __new__(cls, a, b): return super().__new__(cls, (a, b))
    @property
    def first(self): return self[0]
print(T(1, 2), T(1, 2).first, T(1, 2) == (1, 2))
class D(dict):
    def __setitem__(self, k, v): super().__setitem__(k, v * 2)
d = D(a=1)
d["b"] = 1
d.update(c=1)
print(d)
class F(float): pass
print(F(1.5) + 1, type(F(1.5)).__name__, repr(F(2)))
class E(Exception):
    def __str__(self): return "custom str"
try:
    raise E(1, 2)
except E as e:
    print(e, repr(e), e.args)
obj = object.__new__(A)
print(type(obj).__name__)
try:
    object.__new__(int)
except TypeError as e:
    print(e)
try:
    object(1)
except TypeError as e:
    print(e)
