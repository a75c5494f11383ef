def f(a, b, a): pass
# expected: by hand
