# exec, eval, compile with their namespaces.
print(eval("1 + 2"), eval("x * 2", {"x": 5}), eval("x + y", {"x": 1}, {"y": 2}), eval(" [i for i in range(3)] "))
ns = {}
exec("a = 1\ndef f(): return a + 1\nclass K: v = f()", ns)
print(ns["a"], ns["f"](), ns["K"].v, "__builtins__" in ns)
loc = {}
exec("z = 5; g = lambda: z2", {"z2": 7}, loc)
print(loc["z"], loc["g"](), sorted(loc))
x = 1
exec("x = 2; new_name = 3")
print(x, new_name)
def f():
    x = 10
    exec("x = 20")
    return x, eval("x"), eval("x + 1", {"x": 0})
print(f())
code = compile("1 + 1", "<s>", "eval")
print(eval(code), code.co_filename, type(code).__name__)
exec(compile("print('from exec')", "<s>", "exec"))
exec(compile("5 + 5\n", "<s>", "single"))
for src, mode in (("1 +", "eval"), ("x = 1", "eval"), ("", "eval"), ("def", "exec"), ("1", "bad mode")):
    try:
        compile(src, "<bad>", mode)
    except (SyntaxError, ValueError) as e:
        print(type(e).__name__)
try:
    eval("undefined_name")
except NameError as e:
    print(e)
try:
    exec("raise ValueError('inside')")
except ValueError as e:
    print(e)
print(eval("__name__"), eval("len", {"__builtins__": {"len": 5}}))
try:
    eval("print(1)", {"__builtins__": {}})
except NameError as e:
    print(e)
class M(dict):
    def __missing__(self, k): return k.upper()
print(eval("abc + d", {}, M()))
g = globals()
g["injected"] = "via globals"
print(injected, locals() is globals())
exec("def fact(n): return 1 if n < 2 else n * fact(n - 1)\nprint(fact(20))")
exec(b"print('bytes')")
print(eval(b"2**10"), eval("(lambda a: a * 3)(4)"), [eval("i", {"i": i}) for i in range(2)])
