# The name bound by except vanishes, even when the handler unbinds or rebinds it.
try:
    raise ValueError(1)
except ValueError as e:
    del e
try:
    raise ValueError(2)
except ValueError as e:
    e = "rebound"
try:
    e
except NameError as n:
    print(n)
def f():
    for i in range(3):
        try:
            raise ValueError(i)
        except ValueError as err:
            if i == 0: continue
            if i == 1: break
    try:
        err
    except UnboundLocalError as u:
        print(u)
f()
def g():
    try:
        raise KeyError
    except KeyError as k:
        return lambda: k
try:
    g()()
except NameError as n:
    print(n)
