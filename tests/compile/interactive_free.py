"""Module doc."""
1
x
lambda: (yield)
lambda a, b=1, *, c: a + b
def doc():
    "only"
def deep(a):
    return lambda b: lambda c: a + b + c
