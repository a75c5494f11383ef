# Assignment expressions.
if (n := len("abc")) > 2:
    print(n)
data = [1, 2, 3, 4]
print([y for x in data if (y := x * 2) > 4], y)
it = iter(data)
while (v := next(it, None)) is not None:
    print(v, end=" ")
print()
print((a := 1) + (b := 2), a, b)
def f(x): return x
print(f(c := 5), c)
print(any((hit := x) > 2 for x in data), hit)
def g():
    total = 0
    parts = [total := total + x for x in data]
    return parts, total
print(g())
d = {(k := "key"): (w := 1)}
print(d, k, w, [z := 1, z + 1])
def outer():
    def inner():
        nonlocal q
        return (q := q + 1)
    q = 1
    inner()
    return q
print(outer())
