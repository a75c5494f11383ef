import sys, traceback
def inner(n):
    try:
        for i in range(n):
            got = yield i
            if got: print("got", got)
    except KeyError as e:
        print("inner caught", e); yield "after"
    return "done"
def mid(n):
    r = yield from inner(n)
    print("mid got", r)
    return r * 2
def outer(n):
    a = 1
    r = yield from mid(n)
    print("outer got", r, a)
    try:
        yield from mid(1)
    finally:
        print("outer finally")
print(list(outer(3)))
g = outer(3)
print(next(g), next(g), g.send("hello"))
print(g.throw(KeyError("k")))
try:
    while True: print(next(g))
except StopIteration as e: print("stop", e.value)
g = outer(3); next(g); next(g); g.close()
def bad():
    yield 1
    yield 2
    1/0
def l1(): yield from bad()
def l2():
    try: yield from l1()
    except ZeroDivisionError as e:
        yield "x"
print(list(l2()))
def frames():
    yield 1
    f = sys._getframe(); n=[]
    while f: n.append(f.f_code.co_name); f = f.f_back
    yield n
def w1(): yield from frames()
def w2(): yield from w1()
print(list(w2()))
g = w2()
def selfref():
    yield 1
    try: next(me)
    except ValueError as e: print(e)
    yield 2
def d(): yield from selfref()
me = d(); print(list(me))
class T:
    def __init__(s,l,v,r): s.l,s.v,s.r=l,v,r
    def __iter__(s):
        if s.l: yield from s.l
        yield s.v
        if s.r: yield from s.r
def tree(r):
    n=len(r)
    if not n: return None
    return T(tree(r[:n//2]), r[n//2], tree(r[n//2+1:]))
t = tree(range(300)); assert list(t)==list(range(300))
import asyncio
async def co(n):
    if n == 0:
        await asyncio.sleep(0); return 1
    return 1 + await co(n-1)
async def main():
    print(await asyncio.gather(co(5), co(7)))
asyncio.run(main())
def handled():
    try: raise ValueError(1)
    except ValueError:
        yield 1
        yield sys.exception()
def h2():
    try: raise KeyError(2)
    except KeyError:
        yield from handled()
        yield sys.exception()
print([repr(x) for x in h2()], sys.exception())
