def f(a, b, o):
    a, b = b, a
    a, *b = o
    [a, (b, c)] = o
    o.x = o[0] = a = 1
    o[1:2] = b
    o[a:b:2] += 1
    o.x.y -= a
    del o[a], o.x, (a, b)
    x: int = 1
    y: str
    x = y = x
    return o[1:], o[:b], o[::2], o[1:2, ...]
