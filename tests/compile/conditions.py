def f(a, b, c):
    if a < b and not c or a is None:
        return 1
    while a != b <= c:
        a += 1
        if a in (1, 2) or b not in [3, c]:
            continue
        elif a is not b:
            break
    else:
        return a if b else c
    x = a or b and c
    a = a and a.x or a
    if not (a and b):
        c = 1
    assert a == b, "no"
    if False:
        unreachable()
    if True:
        return x
    return 5
