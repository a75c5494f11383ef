# Instances, attributes, methods, class and instance namespaces.
class C:
    shared = []
    n = 0
    def __init__(self, x=1):
        self.x = x
    def m(self, y): return self.x + y
    def __repr__(self): return f"C({self.x})"
a, b = C(), C(2)
print(a, b, a.m(10), C.m(b, 10), [a, b])
a.shared.append(1)
a.n += 1
print(b.shared, C.n, a.n, b.n, a.__dict__, vars(b))
a.extra = 5
del a.x
try:
    a.x
except AttributeError as e:
    print(e)
try:
    C.nothing
except AttributeError as e:
    print(e)
try:
    a.m(1)
except AttributeError as e:
    print(e, e.name)
f = b.m
print(f(1), f.__self__ is b, f.__func__ is C.m, b.m == b.m, b.m is b.m)
a.fn = lambda y: ("instance function", y)
print(a.fn(3))
C.late = lambda self: "late"
print(a.late(), b.late())
print(type(a) is C, isinstance(a, C), C.__name__, C.__module__, C.__bases__, a.__class__)
class D: pass
b.__class__ = D
print(type(b).__name__, b.__dict__)
try:
    (5).x = 1
except AttributeError as e:
    print(e)
try:
    object().x = 1
except AttributeError as e:
    print(e)
b.__dict__ = {"new": 1}
print(b.new, hasattr(b, "x"))
b.__dict__["via"] = 2
print(b.via)
try:
    class E:
        def __init__(self): return 5
    E()
except TypeError as e:
    print(e)
print([k for k in C.__dict__ if not k.startswith("__")])
