# Their scopes, conditions, nesting, and what leaks.
i = "outer"
print([i for i in range(3)], i)
print({i % 3 for i in range(10)}, {k: v for k, v in zip("ab", (1, 2))}, list(i for i in "xy"))
print([(a, b) for a in range(3) for b in range(a) if a + b != 2])
print([[c * r for c in range(3)] for r in range(3)])
print([x for x in range(20) if x % 2 if x % 3])
def f():
    y = 10
    fs = [lambda: (x, y) for x in range(2)]
    y = 20
    return [g() for g in fs]
print(f())
class C:
    n = 3
    a = [k for k in range(n)]
    try:
        b = [n for k in range(2)]
    except NameError as e:
        b = str(e)
print(C.a, C.b)
print([last := v for v in "abc"], last)
print([y for x in (1, 2) for y in [x * 10]], [*(j for j in range(3))])
print({(a, b): a * b for a in (1, 2) for b in (3, 4)})
def gen_once():
    print("iter evaluated at once")
    return [1, 2]
g = (v for v in gen_once())
print("made")
print(list(g))
print([(lambda q: q + z)(1) for z in range(3)])
print([locals_ for locals_ in [1]], [x if x else -1 for x in (0, 1)])
print(sum(x * x for x in range(10)), max((x for x in [3, 9, 2]), default=0))
def nested_closure():
    return [[(lambda: (i, j)) for j in range(2)] for i in range(2)]
print([f() for row in nested_closure() for f in row])
