def f(a):
    if a:
        x = 1
    print(x)
    print(x)
    for y in a:
        z = y
    print(y, z)
    try:
        w = a()
    except E as e:
        print(w, e)
    print(e)
    del a
    print(a)
    while q():
        print(v)
        v = 1
        del v
