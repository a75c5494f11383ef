# Left to right, everywhere.
def s(x):
    print(x, end=" ")
    return x
s(1) + s(2) * s(3); print()
[s(1), s(2)][s(0)]; print()
{s("k1"): s("v1"), s("k2"): s("v2")}; print()
d = {}
d[s("key")] = s("value"); print()
a = [0, 0]
a[s(0)], a[s(1)] = s("x"), s("y"); print()
(lambda *a, **k: None)(s(1), *[s(2)], k=s(3), **{"z": s(4)}); print()
s(1) if s(0) else s(2); print()
s(1) < s(2) < s(3); print()
a[s(0):s(1)] = [s(5)]; print()
class C:
    def __init__(self): s("init")
    def m(self, *a): s("m")
C().m(s(1)); print()
x = y = s("assigned once"); print()
def f(a=s("default"), *, b=s("kwdefault")) -> None: pass
print()
@lambda f: s("decorator")
def g(): pass
print()
assert s(1), s("never"); print()
a[s(0)] += s(1); print()
print(f"{s(1)}{s(2):{s(3)}}")
