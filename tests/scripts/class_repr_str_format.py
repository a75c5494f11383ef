# __repr__, __str__, __format__, __bytes__ and their defaults.
class A: pass
print(repr(A()).startswith("<__main__.A object at 0x"), str(A())[:20], A)
class R:
    def __repr__(self): return "R()"
print(R(), str(R()), f"{R()}", [R()], {"k": R()}, (R(),), "%s %r" % (R(), R()))
class S:
    def __repr__(self): return "repr"
    def __str__(self): return "str"
    def __format__(self, spec): return f"format[{spec}]"
    def __bytes__(self): return b"bytes"
s = S()
print(s, repr(s), [s], f"{s}", f"{s:spec}", f"{s!s}", f"{s!r:>6}", format(s), format(s, "x"), bytes(s), "{0:abc} {0!r}".format(s))
class Bad:
    def __repr__(self): return 5
try:
    repr(Bad())
except TypeError as e:
    print(e)
try:
    format(R(), "10")
except TypeError as e:
    print(e)
class Outer:
    class Inner: pass
    def f(self):
        class Local: pass
        return Local
print(Outer.Inner, Outer().f(), Outer.Inner.__qualname__, Outer.f.__qualname__)
l = [1]; l.append(l)
d = {}; d["self"] = d
print(l, d)
print(print, len, [].append.__name__, str.upper, (lambda: 0).__qualname__, int, type, None.__class__)
