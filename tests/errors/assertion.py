def check(x):
    assert x > 0, f"x is {x}"
check(-1)
