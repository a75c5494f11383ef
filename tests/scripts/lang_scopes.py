# global, nonlocal, class scopes, unbound locals.
x = "module"
def read(): return x
def local():
    x = "local"
    return x
def set_global():
    global x, fresh
    x = "changed"
    fresh = 1
print(read(), local(), x)
set_global()
print(x, fresh)
def unbound():
    try:
        print(v)
    except UnboundLocalError as e:
        print(e)
    v = 1
unbound()
def conditional(flag):
    if flag:
        w = 1
    try:
        return w
    except UnboundLocalError as e:
        return str(e)
print(conditional(True), conditional(False))
class C:
    x = "class"
    y = x
    def method(self): return x
    comp = [x for _ in range(1)]
    lam = (lambda: x)()
    for z in range(2): pass
print(C.x, C.y, C().method(), C.comp, C.lam, C.z)
def f():
    x = "f"
    class D:
        y = x
        x = "D"
        def g(self): return x
    return D.y if hasattr(D, "y") else None
try:
    print(f())
except NameError as e:
    print(type(e).__name__, e)
def outer():
    x = "outer"
    class E:
        y = x
        def g(self): return x
    return E.y, E().g()
print(outer())
def nested():
    v = 0
    def a():
        nonlocal v
        v += 1
        def b():
            nonlocal v
            v += 10
        b()
    a()
    return v
print(nested())
def deep():
    global x
    x = "deep"
    def inner():
        x = "inner"
        def innermost():
            nonlocal x
            x += "!"
        innermost()
        return x
    return inner()
print(deep(), x)
try:
    del undefined
except NameError as e:
    print(e)
del x
try:
    x
except NameError as e:
    print(e)
