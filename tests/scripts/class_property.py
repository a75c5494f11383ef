# property with getter, setter, deleter; the errors; subclassing.
class C:
    def __init__(self): self._x = 1
    @property
    def x(self):
        "the doc"
        return self._x
    @x.setter
    def x(self, v): self._x = v * 2
    @x.deleter
    def x(self): print("deleting"); del self._x
    ro = property(lambda self: "read only")
    nothing = property()
    @property
    def raises(self): raise AttributeError("from getter")
    def __getattr__(self, n): return f"getattr {n}"
c = C()
c.x = 5
print(c.x, C.x.__doc__, c.ro)
del c.x
print(c.x)
for stmt in ("c.ro = 1", "del c.ro", "c.nothing = 1"):
    try:
        exec(stmt)
    except AttributeError as e:
        print(e)
print(c.raises)
print(C.x.fget.__name__, C.ro.fset, isinstance(C.x, property))
class D(C):
    @property
    def x(self): return "D " + str(super().x)
    @C.ro.setter
    def ro(self, v): print("set", v)
d = D()
print(d.x)
d.ro = 3
try:
    d.x = 1
except AttributeError as e:
    print(e)
class E:
    @classmethod
    def make(cls): return cls
    count = 0
    @property
    def next(self):
        E.count += 1
        return E.count
e = E()
print(e.next, e.next, E.make() is E)
