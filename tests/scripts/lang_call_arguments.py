# Every kind of parameter and argument, with the errors.
def f(a, b=2, /, c=3, *args, d, e=5, **kw):
    return a, b, c, args, d, e, kw
print(f(1, d=4))
print(f(1, 2, 3, 4, 5, d=6, x=7))
print(f(*[1, 2], *(3,), **{"d": 4}, **{"z": 5}))
print(f(1, d=2, a=3, b=4))
print(f(*range(5), d=0, e=1))
def kwonly(*, a, b=1): return a, b
def posonly(a, b=1, /): return a, b
def defaults(a, cache=[]):
    cache.append(a)
    return cache
print(defaults(1), defaults(2))
def order():
    def say(x):
        print(x, end=" ")
        return x
    f(say(1), *[say(2)], d=say(3), **{"q": say(4)})
    print()
order()
def err(call):
    try:
        call()
    except TypeError as e:
        print(e)
err(lambda: f())
err(lambda: f(1))
err(lambda: f(1, 2, 3, c=4, d=5))
err(lambda: kwonly(1, a=2))
err(lambda: kwonly(b=1))
err(lambda: kwonly(a=1, z=2))
err(lambda: posonly(a=1))
err(lambda: posonly(1, b=2))
err(lambda: posonly(1, 2, 3))
err(lambda: f(1, **{"d": 1}, **{"d": 2}))
err(lambda: f(*5, d=1))
err(lambda: f(1, d=1, **{1: 2}))
def no_args(): pass
def two(a, b): pass
err(lambda: no_args(1))
err(lambda: two())
err(lambda: two(1))
err(lambda: two(1, 2, 3))
err(lambda: (lambda x: x)())
five = 5
err(lambda: five())
class C:
    def m(self): pass
err(lambda: C().m(1))
err(lambda: C(1))
print((lambda *a, k=1, **kw: (a, k, kw))(1, 2, k=3, z=4))
