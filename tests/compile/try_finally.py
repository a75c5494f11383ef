def f(a):
    for i in a:
        try:
            if i == 1:
                return g(i)
            if i == 2:
                break
            if i == 3:
                continue
            try:
                h()
            except E as e:
                return e
        finally:
            clean(i)
    try:
        return 1
    finally:
        pass
def swallow():
    while True:
        try:
            a()
        finally:
            break
