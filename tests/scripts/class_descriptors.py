# Data and non-data descriptors, their precedence, and through the class.
class Data:
    def __init__(self, n): self.n = n
    def __get__(self, o, t):
        if o is None: return self
        return ("data get", self.n, o.__dict__.get(self.n))
    def __set__(self, o, v):
        print("data set", v)
        o.__dict__[self.n] = v
    def __delete__(self, o): print("data delete")
class NonData:
    def __get__(self, o, t): return ("nondata", o is None, t.__name__)
class C:
    d = Data("d")
    nd = NonData()
    plain = "class"
c = C()
c.d = 5
print(c.d, c.__dict__)
del c.d
print(c.nd, C.nd, type(C.d).__name__)
c.nd = "instance wins"
print(c.nd)
c.__dict__["d"] = "hidden"
print(c.d)
class Sub(C): pass
print(Sub().d, Sub.nd)
class OnlySet:
    def __set__(self, o, v): print("set only", v)
class D: x = OnlySet()
o = D()
o.x = 1
print(type(o.x).__name__)
o.__dict__["x"] = "instance"
print(o.x)
class Typed:
    def __init__(self, kind): self.kind = kind
    def __set_name__(self, owner, name): self.slot = "_" + name
    def __get__(self, o, t=None): return self if o is None else getattr(o, self.slot)
    def __set__(self, o, v):
        if not isinstance(v, self.kind):
            raise TypeError(f"{self.slot[1:]} must be {self.kind.__name__}")
        setattr(o, self.slot, v)
class P:
    x, name = Typed(int), Typed(str)
    def __init__(self, x, name): self.x, self.name = x, name
p = P(1, "n")
print(p.x, p.name)
try:
    p.x = "no"
except TypeError as e:
    print(e)
def f(self): return self
print(f.__get__(5)(), f.__get__(None, int) is f, type(f.__get__(5)).__name__)
print(C.__dict__["plain"], staticmethod(f).__get__(1) is f, classmethod(f).__get__(1, int)())
