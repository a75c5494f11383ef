def f(items, n):
    for i in range(n):
        for k, v in items:
            if k:
                break
            if v:
                continue
            print(i, k, v)
        else:
            n -= 1
    for x.y, z[0] in items:
        pass
    while True:
        n += 1
        if n > 10:
            return n
for g in [1, 2, 3]:
    total = g
