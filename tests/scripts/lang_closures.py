# Cells: shared, late bound, nested, deleted.
def counter():
    n = 0
    def bump(by=1):
        nonlocal n
        n += by
        return n
    def read():
        return n
    return bump, read
bump, read = counter()
bump(); bump(5)
print(read(), counter()[1]())
late = [lambda: i for i in range(3)]
early = [lambda i=i: i for i in range(3)]
print([f() for f in late], [f() for f in early])
def outer(x):
    def middle():
        def inner():
            return x
        return inner
    x += 1
    return middle()
print(outer(1)())
def late_binding():
    def use(): return later
    later = "set afterwards"
    return use()
print(late_binding())
def deleted():
    x = 1
    def use(): return x
    del x
    return use
try:
    deleted()()
except NameError as e:
    print(type(e).__name__, e)
def unset():
    def use(): return y
    try:
        use()
    except NameError as e:
        print(e)
    y = 1
    return use()
print(unset())
print(outer.__closure__, len(bump.__closure__), bump.__code__.co_freevars, counter.__code__.co_cellvars)
print(sorted(c.cell_contents for c in bump.__closure__))
def make(n):
    return [lambda x: x + n, lambda x: x * n]
add, mul = make(3)
print(add(4), mul(4))
