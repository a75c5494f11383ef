# Lambdas, default evaluation time, function attributes.
n = 1
f = lambda a, b=n, *c, d=n + 1, **e: (a, b, c, d, e)
n = 100
print(f(0), f(0, 1, 2, d=3, z=4))
print((lambda: (yield))().__class__.__name__)
def g(a, b=2, *, c=3) -> "ret":
    "doc string"
    return a
print(g.__name__, g.__qualname__, g.__doc__, g.__defaults__, g.__kwdefaults__, g.__module__)
g.__defaults__ = (9,)
g.extra = "attr"
print(g.extra, g.__dict__, g.__defaults__)
g.__name__ = "renamed"
print(g.__name__)
def outer():
    def inner(): pass
    return inner
print(outer().__qualname__, (lambda: 0).__name__)
class C:
    def m(self): pass
print(C.m.__qualname__, C().m.__func__ is C.m, C().m.__self__.__class__.__name__)
code = g.__code__
print(code.co_name, code.co_argcount, code.co_kwonlyargcount, code.co_posonlyargcount, code.co_varnames[:3], code.co_flags & 0x0C)
def nodoc(): return 1
print(nodoc.__doc__)
h = lambda: None
print(h == h, h != (lambda: None), hash(h) == hash(h), callable(h))
try:
    g.__code__ = 5
except TypeError as e:
    print(type(e).__name__)
