# Delegation passes values, exceptions and the result through.
def inner():
    total = 0
    try:
        while True:
            x = yield total
            if x is None:
                return total
            total += x
    except KeyError as e:
        yield "inner caught " + str(e)
        return "after error"
def outer():
    while True:
        result = yield from inner()
        print("result", result)
g = outer()
next(g)
print(g.send(3), g.send(4))
print(g.send(None))
print(g.throw(KeyError("k")))
print(next(g))
g.close()
def over_iterables():
    yield from [1, 2]
    yield from "ab"
    yield from range(2)
    r = yield from ()
    yield r
print(list(over_iterables()))
def closing():
    try:
        yield 1
    finally:
        print("inner closed")
def wrap():
    try:
        yield from closing()
    finally:
        print("outer closed")
g = wrap()
next(g)
g.close()
class Custom:
    def __iter__(self): return self
    def __init__(self): self.n = 0
    def __next__(self):
        self.n += 1
        if self.n > 2:
            raise StopIteration("custom result")
        return self.n
def use():
    print((yield from Custom()))
print(list(use()))
def send_to_iter():
    yield from iter([1, 2])
g = send_to_iter()
next(g)
try:
    g.send("x")
except AttributeError as e:
    print(e)
def depth(n):
    if n == 0:
        yield "bottom"
    else:
        yield from depth(n - 1)
print(list(depth(100)))
