# Context managers: order, swallowing, several, errors.
class M:
    def __init__(self, name, swallow=False): self.name, self.swallow = name, swallow
    def __enter__(self):
        print("enter", self.name)
        return self.name
    def __exit__(self, kind, value, tb):
        print("exit", self.name, kind and kind.__name__, value)
        return self.swallow
with M("a") as a, M("b") as b:
    print(a, b)
with (M("c") as c, M("d"),):
    print("body")
with M("s", True):
    raise ValueError("gone")
try:
    with M("outer"):
        with M("inner"):
            raise KeyError("k")
except KeyError:
    print("through both")
def early():
    with M("r"):
        return "value"
print(early())
for i in range(2):
    with M(i):
        if i == 0: continue
        break
class T:
    def __enter__(self): return (1, (2, 3))
    def __exit__(self, *a): pass
with T() as (x, (y, z)):
    print(x, y, z)
items = [0]
with T() as items[0]:
    print(items)
class BadExit:
    def __enter__(self): pass
    def __exit__(self, *a): raise TypeError("in exit")
try:
    with BadExit():
        raise ValueError("body")
except TypeError as e:
    print(e, repr(e.__context__))
class FailEnter(M):
    def __enter__(self): raise RuntimeError("enter failed")
try:
    with M("first"), FailEnter("second"):
        print("never")
except RuntimeError as e:
    print(e)
try:
    with object(): pass
except TypeError as e:
    print("TypeError")
def gen():
    with M("gen"):
        yield 1
        yield 2
g = gen()
next(g)
g.close()
with M("x"): pass
