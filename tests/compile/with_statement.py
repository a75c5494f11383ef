def f(p):
    with open(p) as a, a.b() as (c, d):
        if c:
            return d
    with p:
        for x in p:
            with x:
                break
    with (yield):
        pass
