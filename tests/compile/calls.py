def f(o, a, *args, **kw):
    g(a, 1, x=2)
    o.m(a)
    o.m(a, k=a)
    o.p.q(1)
    g(*args)
    g(a, *args, b=1, **kw)
    o.m(*args, **kw)
    g(g(a), g(g(1)))
    return o.x.y[a]
