# Order of evaluation and application; on classes; with arguments.
def tag(name):
    print("make", name)
    def deco(f):
        print("apply", name)
        def wrapped(*a, **k):
            return f"{name}({f(*a, **k)})"
        return wrapped
    return deco
@tag("outer")
@tag("inner")
def f(x): return x
print(f(1))
def register(cls):
    cls.registered = True
    return cls
@register
class C: pass
print(C.registered)
@lambda f: 42
def replaced(): pass
print(replaced)
decos = [tag("indexed")]
@decos[0]
def g(): return "g"
print(g())
class Cached:
    def __init__(self, f): self.f, self.memo = f, {}
    def __call__(self, *a):
        if a not in self.memo:
            self.memo[a] = self.f(*a)
        return self.memo[a]
@Cached
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(80), len(fib.memo))
class Methods:
    @staticmethod
    def s(x): return ("s", x)
    @classmethod
    def c(cls, x): return (cls.__name__, x)
    @property
    def p(self): return "p"
    @tag("m")
    def m(self): return "m"
print(Methods.s(1), Methods().s(2), Methods.c(3), Methods().c(4), Methods().p, Methods().m())
class Sub(Methods): pass
print(Sub.c(5))
