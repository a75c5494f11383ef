# What a call site has seen of globals and classes must not outlive a change, nor be believed for other globals.
import types

x = "mine"
def f(): return x
for _ in range(4): f()
g = types.FunctionType(f.__code__, {"x": "other"})
print(f(), g(), f(), g())

code = compile("r = q + 1", "<code>", "exec")
for value in (1, 5, 1, 5):
    namespace = {"q": value}
    exec(code, namespace)
    print(namespace["r"], end=" ")
print()

class Base:
    def method(self): return "Base.method"
    value = "Base.value"
class Derived(Base): pass
o = Derived()
o.own = "own"
def look(): return o.method(), o.value, o.own, Derived.value
for _ in range(4): look()
print(look())
Derived.method = lambda self: "Derived.method"
Derived.value = "Derived.value"
Derived.own = property(lambda self: "property")
print(look())
del Derived.method, Derived.value, Derived.own
print(look())

def use(): return len("abc")
for _ in range(4): use()
len = lambda s: "global len"
print(use())
del len
print(use())

class Late:
    def __getattr__(self, name): return "from __getattr__"
late = Late()
def attribute(): return late.a
for _ in range(4): attribute()
print(attribute())
Late.a = "class"
print(attribute())
late.a = "instance"
print(attribute())
