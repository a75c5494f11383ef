# Class attributes changed while instances live; caches must follow.
class A:
    v = 1
    def m(self): return "A.m"
class B(A): pass
class C(B): pass
def read(o): return o.v, o.m()
objs = [A(), B(), C()]
def show(label): print(label, [read(o) for o in objs])
show("start")
A.v = 2
show("A changed")
B.v = 3
show("B shadows")
B.m = lambda self: "B.m"
show("B.m added")
del B.v
show("B.v gone")
objs[1].v = "own"
show("instance")
del objs[1].v
A.m = lambda self: "new A.m"
del B.m
show("A.m replaced")
class X:
    def m(self): return "X.m"
    v = "X"
C.__bases__ = (X,)
show("bases changed")
A.v = property(lambda self: "prop")
objs[0].__dict__["v"] = "ignored"
show("property over instance")
del A.v
A.v = "plain"
show("plain again")
for i in range(3):
    setattr(A, f"dyn{i}", i)
print([getattr(objs[0], f"dyn{i}") for i in range(3)])
def loop():
    out = []
    for i in range(6):
        if i == 3: A.v = "mid loop"
        out.append(objs[1].v)
    return out
print(loop())
for o in (A(), X(), A()):
    print(o.m())
