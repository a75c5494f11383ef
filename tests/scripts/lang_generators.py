# yield, send, throw, close, return values.
def count(n):
    i = 0
    while i < n:
        got = yield i
        if got is not None:
            i = got
        else:
            i += 1
    return "done"
g = count(10)
print(next(g), next(g), g.send(7), next(g), list(g))
g = count(1)
next(g)
try:
    next(g)
except StopIteration as e:
    print("value", e.value)
def catcher():
    while True:
        try:
            x = yield "ready"
            print("got", x)
        except ValueError as e:
            print("caught", e)
            yield "handled"
        finally:
            print("finally")
g = catcher()
print(next(g))
print(g.throw(ValueError("boom")))
print(next(g))
g.close()
try:
    next(g)
except StopIteration:
    print("closed")
def stubborn():
    try:
        yield 1
    except GeneratorExit:
        yield 2
g = stubborn()
next(g)
try:
    g.close()
except RuntimeError as e:
    print(e)
g = count(3)
try:
    g.send(5)
except TypeError as e:
    print(e)
def bad():
    raise StopIteration("inside")
    yield
try:
    next(bad())
except RuntimeError as e:
    print(e, type(e.__cause__).__name__)
def self_running():
    yield next(me)
me = self_running()
try:
    next(me)
except ValueError as e:
    print(e)
g = count(1)
g.close()
print(list(g), g.gi_frame)
def lazy():
    print("started")
    yield
g = lazy()
print("not yet")
next(g)
try:
    count(2).throw(KeyError("k"))
except KeyError as e:
    print("thrown into fresh", e)
def result():
    yield
    return 5
g = result()
next(g)
print(g.close())
