# expected: by hand
# Inline caches follow what they cache: other globals, other shapes, counters.
c = compile("def f():\n    return r\nx = f()\ny = r", "c", "exec")
def go():
    for i in range(3):
        for v in (10, 20):
            g = {"r": v}
            exec(c, g)
            assert g["x"] == v and g["y"] == v, (g["x"], g["y"], v)
go()
import types
def h(): return zz
zz = 1
def call(f):
    return [f() for _ in range(5)][-1]
assert call(h) == 1
h2 = types.FunctionType(h.__code__, {"zz": 2})
assert call(h2) == 2 and call(h) == 1

# volatile
n = 0
def bump():
    global n
    for i in range(1000):
        n += 1
bump(); bump(); assert n == 2000
for i in range(1000): n += 1
assert n == 3000
del n
try: bump()
except NameError as e: print(e)
class A: 
    def __init__(self): self.a = 1
    def m(self): return "A"
class B(A):
    def __init__(self): self.a = 2; self.b = 3
    def m(self): return "B"
class C(B):
    __slots__ = ()
    def m(self): return "C"
    p = property(lambda self: self.a)
def poly(l):
    r = []
    for o in l:
        r.append((o.m(), o.a)); o.a += 10; o.z = 5
        assert o.z == 5 and o.__class__.__name__ == o.m()
    return r
l = [A(), B(), C(), A(), B(), C()]
print(poly(l)); print(poly(l)); print([vars(o) for o in l]); print(l[2].p)
B.m = lambda self: "X"
B.__name__ = "X"
print(poly(l))
print(tuple(x for x in [1,2]), list("ab"), set([1]), str(5), bool([]), int(3), float(2), range(3), list(range(1,3)), type(3))
class L(list): pass
a = list(range(10)); a.insert(3, "x"); print(a.pop(2), a, a[1:5], a[-3:], a[:-8], a[::-1], a[7:2:-1])
a[:3] = a[2::-1]; print(a)
x1, y1 = [1, 2]; print(x1, y1)
try:
    p, q = [1,2,3]
except ValueError as e: print(e)
