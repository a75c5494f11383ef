def f(a):
    assert a
    assert a, f"bad {a}"
    raise
    print("unreachable")
def g(a):
    raise E(a) from None
