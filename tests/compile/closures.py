def outer(a, b):
    c = a
    def inner(x=b):
        nonlocal c
        c += x
        return lambda: a + c
    del b
    return inner

def shadow():
    global G
    G = 1
    def f():
        return G
    class C:
        x = G
        def m(self):
            return __class__, x
    return f, C
