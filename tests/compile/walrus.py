def f(x, y):
    z = x + (x := y) + x
    g(x, (x := 1), x)
    if (n := len(y)) > 10 and n < 20:
        return n
    r = [last := i for i in y]
    return x[(x := 0)], last, r
[m := k for k in range(3)]
