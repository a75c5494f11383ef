# C3 linearisation and its failure.
class O: pass
class A(O): pass
class B(O): pass
class C(O): pass
class D(O): pass
class E(O): pass
class K1(A, B, C): pass
class K2(D, B, E): pass
class K3(D, A): pass
class Z(K1, K2, K3): pass
print([c.__name__ for c in Z.__mro__])
class Base:
    def go(self): return ["Base"]
class L(Base):
    def go(self): return ["L"] + super().go()
class R(Base):
    def go(self): return ["R"] + super().go()
class Both(L, R):
    def go(self): return ["Both"] + super().go()
print(Both().go())
try:
    class Bad(Base, L): pass
except TypeError as e:
    print(e)
try:
    class X(A, B): pass
    class Y(B, A): pass
    class W(X, Y): pass
except TypeError as e:
    print(e)
try:
    class Dup(A, A): pass
except TypeError as e:
    print(e)
try:
    class Conflict(int, str): pass
except TypeError as e:
    print(e)
for final in (bool, type(None), range, slice):
    try:
        type("Sub", (final,), {})
    except TypeError as e:
        print(e)
Both.__bases__ = (R, L)
print(Both().go())
