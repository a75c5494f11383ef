def f(a, b):
    raise ValueError("called")
def g(x): return x
print(g(1), f(g(2), b=g(3)), g(4))
