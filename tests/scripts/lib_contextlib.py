# contextlib.
from contextlib import contextmanager, suppress, closing, ExitStack, nullcontext, redirect_stdout, ContextDecorator, chdir
import io
@contextmanager
def m(name):
    print("enter", name)
    try:
        yield name.upper()
    except ValueError as e:
        print("caught", e)
    finally:
        print("exit", name)
with m("a") as v: print(v)
with m("b"): raise ValueError("swallowed")
try:
    with m("c"): raise KeyError("passes")
except KeyError as e:
    print(repr(e))
with suppress(KeyError, IndexError): {}["x"]
print("after suppress")
with ExitStack() as s:
    for n in "xy": s.enter_context(m(n))
    s.callback(print, "callback", 1)
    print("body")
class C:
    def close(self): print("closed")
with closing(C()): pass
with nullcontext(5) as n: print(n)
out = io.StringIO()
with redirect_stdout(out): print("hidden")
print(repr(out.getvalue()))
@m("deco")
def f(): print("in f")
f(); f()
class D(ContextDecorator):
    def __enter__(self): print("D in"); return self
    def __exit__(self, *a): print("D out")
@D()
def g(): return 7
print(g())
@contextmanager
def bad():
    yield 1
    yield 2
try:
    with bad(): pass
except RuntimeError as e:
    print(e)
@contextmanager
def never():
    if False: yield
try:
    with never(): pass
except RuntimeError as e:
    print(e)
with ExitStack() as s:
    s.push(lambda *a: print("pushed", a[0].__name__) or True)
    raise OSError
st = ExitStack(); st.callback(print, "later"); moved = st.pop_all(); st.close(); print("nothing yet"); moved.close()
