# Unpacking in assignments, displays, calls, returns, subscripts.
a, *b = [1, 2, 3]
print(a, b)
*a, b = "xyz"
print(a, b)
a, *b, c = range(2)
print(a, b, c)
(a, [b, *c]), *d = (1, (2, 3, 4)), 5
print(a, b, c, d)
print([*range(3), *"ab"], (*[1], 2), {*[1, 2], *[2, 3]}, {**{"a": 1}, "b": 2, **{"a": 3}})
def f():
    return 1, *[2, 3]
def g():
    yield 1, *[2]
print(f(), list(g()))
for x, *y in [(1, 2, 3), "ab"]:
    print(x, y)
class S:
    def __getitem__(self, k): return k
print(S()[1, *[2, 3]], S()[*"ab"], S()[1:2, ...], S()[*()])
x = *[1], 2
print(x)
for v in *[1], 2:
    print(v)
for bad in ("a, b = [1]", "a, *b, c = [1]", "a, b = 5", "[a] = 1, 2"):
    try:
        exec(bad)
    except (ValueError, TypeError) as e:
        print(type(e).__name__)
try:
    a, b, c = 1, 2
except ValueError as e:
    print(e)
try:
    a, *b, c = [1]
except ValueError as e:
    print(e)
a = b = c = []
print(a is b is c)
i = 0
i, [1, 2, 3][i] = 1, 5
lst = [0, 1]
i, lst[i] = 1, "x"
print(lst)
a, b = b, a
*_, = "abc"
print(_)
print(*[1, 2], *(3,), sep="-")
