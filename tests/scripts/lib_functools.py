# functools.
import functools
from functools import reduce, partial, lru_cache, cache, wraps, total_ordering, singledispatch, singledispatchmethod, cached_property, cmp_to_key
print(reduce(lambda a, b: a * b, [1, 2, 3, 4]), reduce(lambda a, b: a + b, [], "init"), reduce(max, [3, 9, 2]))
try:
    reduce(max, [])
except TypeError as e:
    print(e)
calls = []
@lru_cache(maxsize=2)
def f(x, y=0):
    calls.append(x)
    return x * 10
print(f(1), f(1), f(2), f(3), f(1), calls, f.cache_info()); f.cache_clear(); print(f.cache_info(), f.__name__, f.__wrapped__(5))
@cache
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(90), fib.cache_info().currsize)
def deco(g):
    @wraps(g)
    def inner(*a): "inner doc"; return g(*a)
    return inner
@deco
def named(): "doc"
print(named.__name__, named.__doc__, named.__wrapped__.__name__, deco.__name__)
@total_ordering
class T:
    def __init__(self, n): self.n = n
    def __eq__(self, o): return self.n == o.n
    def __lt__(self, o): return self.n < o.n
print(T(1) <= T(1), T(2) > T(1), T(1) >= T(2), T(1) != T(2))
@singledispatch
def show(x): return f"default {x}"
@show.register
def _(x: int): return f"int {x}"
@show.register(list)
def _(x): return f"list of {len(x)}"
@show.register(str | bytes)
def _(x): return "text"
print(show(1.5), show(1), show([1]), show(True), show("s"), show.dispatch(int)(3))
class C:
    @cached_property
    def v(self):
        print("computed")
        return 42
    @singledispatchmethod
    def m(self, x): return "any"
    @m.register
    def _(self, x: int): return "int"
c = C(); print(c.v, c.v, c.__dict__, c.m("s"), c.m(1)); del c.v; print(c.v)
p = partial(int, base=2); print(p("101"), p.keywords, partial(print, "a", sep="-")("b"))
print(sorted([3, 1], key=cmp_to_key(lambda a, b: b - a)))
