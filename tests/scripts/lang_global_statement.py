# Names bound by statements other than assignment.
def f():
    global os_name, Cls, func, exc_seen, loop, ctx
    import os as os_name
    class Cls: pass
    def func(): return "func"
    for loop in range(3): pass
    class M:
        def __enter__(self): return "entered"
        def __exit__(self, *a): pass
    with M() as ctx: pass
    try:
        1 / 0
    except ZeroDivisionError as exc_seen:
        pass
f()
print(os_name.__name__, Cls.__qualname__, func(), loop, ctx, "exc_seen" in globals())
