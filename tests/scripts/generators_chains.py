"""Long chains of delegating generators, looked at and disturbed at every link."""
import sys, traceback

made = []
def link(n, log=None):
    """A chain of n links over a source; each notes what it returns."""
    made.append(n)
    if n == 0:
        try:
            x = yield "a"
            x = yield ("b", x)
            x = yield ("c", x)
        except KeyError as e:
            yield ("caught", str(e))
        return 100
    r = yield from link(n - 1, log)
    if log is not None: log.append((n, r))
    yield ("between", n, r)
    return r + 1

# Each end returns into its parent, which yields on its own, and ends in turn.
log = []
print(list(link(5, log)), log)

# Send in the middle of a chain that is known already.
g = link(4)
print(next(g), next(g), g.send(7), next(g), g.gi_running, g.gi_yieldfrom is not None)
print(list(g))

# Throw through it: caught inside, and not.
g = link(4); next(g); next(g)
print(g.throw(KeyError("k")), next(g), next(g))
g.close()
print(list(g), g.gi_frame)
g = link(4); next(g); next(g); next(g)
try: g.throw(ValueError("v"))
except ValueError as e: print([f.name for f in traceback.extract_tb(e.__traceback__)])
print(list(g))

# Somebody resumes a generator in the middle, or the innermost one, by itself.
class Holder: pass
def keep(h, depth):
    if depth == 0:
        for i in range(100):
            yield i
        return
    it = keep(h, depth - 1)
    setattr(h, f"g{depth - 1}", it)
    yield from it
    yield f"after {depth}"
h = Holder(); g = keep(h, 6)
print(next(g), next(g), next(h.g3), next(g), next(h.g0), next(h.g0), next(g), next(h.g5), next(g), next(h.g2), next(g))
h.g2.close()
print(next(g), next(g), next(g), next(g), next(g, "over"))
h = Holder(); g = keep(h, 6)
print(next(g), next(g))
try: h.g4.throw(RuntimeError("thrown into the middle"))
except RuntimeError as e: print(e)
print([x for x in g])
h = Holder(); g = keep(h, 6); next(g); next(g); h.g0.close()
print([x for x in g])

# Two that share what they delegate to.
def shared():
    for i in range(12): yield i
def through(it, n):
    if n: yield from through(it, n - 1)
    else: yield from it
    yield "end", n
it = shared(); mid = through(it, 3)
a, b = through(mid, 2), through(mid, 4)
print([next(x) for x in (a, b, a, a, b, it, a, mid, b, b, a, mid, a, b, a, b)])

# From inside, the chain runs.
def inside(chain):
    yield 0
    for g in chain:
        print(g.gi_running, g.gi_suspended, end=" ")
        for act in (next, lambda g: g.send(1), lambda g: g.throw(KeyError), lambda g: g.close()):
            try: act(g)
            except ValueError as e: print(e, end="; ")
    print()
    f, names = sys._getframe(), []
    while f:
        names.append((f.f_code.co_name, f.f_lineno > 0, sorted(f.f_locals)[:2])) if f.f_code.co_name != "<module>" else None
        f = f.f_back
    yield names
    yield 1 // 0
def outer(chain, n):
    local = n
    if n == 0: r = yield from inside(chain)
    else:
        it = outer(chain, n - 1); chain.append(it)
        yield from it
    return local
chain = []; g = outer(chain, 3); chain.append(g)
print(next(g)); print(next(g)); print([x.gi_running for x in chain])
try: next(g)
except ZeroDivisionError:
    print([(f.name, f.line) for f in traceback.extract_tb(sys.exc_info()[2])])
print([x.gi_frame for x in chain])

# What a link handles is its own.
def handles(n):
    if n == 0:
        for _ in range(3): yield repr(sys.exception())
        return
    if n % 2:
        try: raise ValueError(n)
        except ValueError:
            yield from handles(n - 1)
            yield repr(sys.exception())
    else:
        yield from handles(n - 1)
        yield repr(sys.exception())
print(list(handles(5)))
try: raise KeyError("outside")
except KeyError:
    print(list(handles(4)), repr(sys.exception()))
def caught(n):
    if n == 0:
        yield 1
        yield 2
        raise LookupError("deep")
    if n == 2:
        try: yield from caught(n - 1)
        except LookupError as e: yield str(e), e.__context__
        yield repr(sys.exception())
    else: yield from caught(n - 1)
print(list(caught(4)))

# Resumed by functions and other generators in turn, not by one loop.
def by_call(g): return next(g)
def relay(g):
    for _ in range(2): yield next(g)
g = link(3)
print(by_call(g), list(relay(g)), [*g])

# A link in the middle goes on by itself, and ends before it comes to what it delegates to.
class Refuses:
    """Has `throw`, and lets nothing through."""
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self): self.n -= 1; return self.n
    def throw(self, *a): raise OSError("refused")
def end_of(it):
    yield from it
def over(it, n, links):
    if n:
        inner = over(it, n - 1, links); links.append(inner)
        try: yield from inner
        except OSError as e: yield "caught", str(e)
        yield "left", n
    else: yield from it
links = []; g = over(Refuses(9), 4, links)
print(next(g), next(g))
try: print(links[2].throw(KeyError("x")))
except Exception as e: print(repr(e))
print([next(g, None) for _ in range(6)], [next(l, "over") for l in links])
links = []; g = over((i for i in range(30)), 4, links)
print(next(g), next(g))
for l in links[1:3]:
    try: print(l.send("value"))
    except Exception as e: print(repr(e))
print([next(g, None) for _ in range(3)], links[0].close(), [next(g, None) for _ in range(3)])
one = (i for i in range(30))
a, b = [], []
ga, gb = over(one, 3, a), over(one, 2, b)
print(next(ga), next(gb), [next(x) for x in (a[1], b[0], gb, ga)])
try: b[1].throw(ValueError("both"))
except ValueError as e: print(e)
print([next(x, "over") for x in (gb, ga, a[1], b[0], gb, ga, ga, ga)])

# Deeper than the stack may be.
def deep(n):
    if n: yield from deep(n - 1)
    else: yield 1; yield 2
sys.setrecursionlimit(400)
g = deep(300)
print(next(g), next(g), next(g, None))
g = deep(500)
try: next(g)
except RecursionError as e: print("RecursionError")
def recurse(n, g):
    if n: return recurse(n - 1, g)
    return next(g)
g = deep(300); next(g)
try: recurse(200, g)
except RecursionError as e: print("RecursionError")

# Awaiting is delegation too.
class Pause:
    def __await__(self):
        yield "paused"
        return 5
async def step(n):
    if n: return 1 + await step(n - 1)
    return await Pause() + await Pause()
c = step(6)
print(c.send(None), c.cr_await is not None, c.send(None))
try: c.send(None)
except StopIteration as e: print(e.value)
