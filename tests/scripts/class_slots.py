# __slots__: no dict, inheritance, errors.
class P:
    __slots__ = ("x", "y")
    def __init__(self, x, y): self.x, self.y = x, y
p = P(1, 2)
print(p.x, p.y, hasattr(p, "__dict__"))
p.x += 10
print(p.x)
for stmt in ("p.z = 1", "P(1, 2).__dict__", "del p.x; p.x", "del p.x"):
    try:
        exec(stmt)
    except AttributeError as e:
        print(e)
class Q(P):
    __slots__ = ("z",)
q = Q(1, 2)
q.z = 3
print(q.x, q.y, q.z)
class R(P): pass
r = R(1, 2)
r.any = 5
print(r.__dict__, r.x)
class S: __slots__ = "single"
s = S()
s.single = 1
print(s.single, S.__slots__, type(S.single).__name__)
try:
    class Bad:
        __slots__ = ("a",)
        a = 1
except ValueError as e:
    print(e)
class Private:
    __slots__ = ("__hidden",)
    def __init__(self): self.__hidden = 9
    def get(self): return self.__hidden
print(Private().get(), Private()._Private__hidden)
class WithDict: __slots__ = ("a", "__dict__")
w = WithDict()
w.a, w.b = 1, 2
print(w.a, w.__dict__)
class X: __slots__ = ("a",)
class Y: __slots__ = ("b",)
try:
    class Z(X, Y): pass
except TypeError as e:
    print(e)
try:
    P.x = 5
    p.x
except AttributeError as e:
    print(e)
print(P.x)
