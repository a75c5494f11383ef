# __getattr__, __getattribute__, __setattr__, __delattr__, __dir__.
class C:
    x = 1
    def __getattr__(self, n):
        if n == "no": raise AttributeError(n)
        return "fallback " + n
    def __setattr__(self, n, v):
        print("set", n, v)
        super().__setattr__(n, v)
    def __delattr__(self, n):
        print("del", n)
        object.__delattr__(self, n)
    def __dir__(self): return ["b", "a"]
c = C()
print(c.x, c.y, hasattr(c, "no"), getattr(c, "no", "default"))
c.z = 5
print(c.z)
del c.z
print(c.z, dir(c))
class D:
    def __init__(self): self.real = 1
    def __getattribute__(self, n):
        if n.startswith("fake"): return n.upper()
        return super().__getattribute__(n)
d = D()
print(d.fake1, d.real)
try:
    d.nothing
except AttributeError as e:
    print(e)
class E:
    def __getattribute__(self, n): raise AttributeError("always " + n)
    def __getattr__(self, n): return "second chance " + n
print(E().foo)
class Proxy:
    def __init__(self, t): object.__setattr__(self, "_t", t)
    def __getattr__(self, n): return getattr(self._t, n)
    def __setattr__(self, n, v): setattr(self._t, n, v)
class T: a = 1
t = T()
p = Proxy(t)
p.b = 5
print(p.a, t.b, p.b)
try:
    p.zzz
except AttributeError as e:
    print(e)
try:
    getattr(c, 5)
except TypeError as e:
    print(e)
print(c.__class__.__name__, object.__getattribute__(t, "b"))
