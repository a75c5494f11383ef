# locals(), globals() and their liveness.
def f(a, b=2):
    c = 3
    d = locals()
    c = 4
    return d, sorted(locals())
print(f(1))
def g():
    x = 1
    def inner(): return x, locals()
    return inner()
print(g())
class C:
    v = 1
    names = sorted(n for n in locals() if not n.startswith("__"))
print(C.names)
globals()["dynamic"] = 5
print(dynamic)
del globals()["dynamic"]
print("dynamic" in globals())
def h():
    locals()["q"] = 1
    try:
        return q
    except NameError as e:
        return str(e)
print(h())
print(__name__, __builtins__ is not None)
def builtins_shadow():
    global len
    len = lambda x: "shadowed"
    r = len([])
    del len
    return r, len([])
print(builtins_shadow())
import builtins
builtins.my_builtin = lambda: "from builtins"
print(my_builtin())
del builtins.my_builtin
try:
    my_builtin
except NameError as e:
    print(e)
old = builtins.abs
builtins.abs = lambda x: "patched"
print(abs(-1))
builtins.abs = old
print(abs(-1))
