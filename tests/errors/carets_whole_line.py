def f():
    raise RuntimeError("whole line: no carets")
f()
