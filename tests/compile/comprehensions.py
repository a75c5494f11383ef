def f(xs, k):
    a = [x * k for x in xs if x if not k]
    b = {x: y for x in xs for y in x}
    c = {x for x, y in xs}
    d = (x for x in xs if x)
    e = [lambda: x for x in xs]
    return [[y for y in x if k] for x in xs]
squares = [i * i for i in range(10)]
class C:
    n = 3
    ok = [i for i in range(n)]
