# Rich comparisons, reflection, __hash__ with __eq__.
class C:
    def __init__(self, n): self.n = n
    def __eq__(self, o): print("eq", self.n); return self.n == getattr(o, "n", o)
    def __lt__(self, o): print("lt", self.n); return self.n < getattr(o, "n", o)
    def __le__(self, o): return self.n <= getattr(o, "n", o)
a, b = C(1), C(2)
print(a == b, a != b, a < b, a > b, a <= b, a >= b, 1 == a, a == 1)
print(a in [b, a], [a] == [C(1)], (a, b) < (a, C(3)))
try:
    hash(a)
except TypeError as e:
    print(e)
print(C.__hash__)
class H:
    def __init__(self, n): self.n = n
    def __eq__(self, o): return isinstance(o, H) and self.n == o.n
    def __hash__(self): return self.n % 3
    def __repr__(self): return f"H{self.n}"
d = {H(i): i for i in range(7)}
print(d[H(4)], H(6) in d, H(9) in d, len({H(1), H(4), H(1)}))
class Big:
    def __hash__(self): return 2**70
print(hash(Big()) == hash(2**70))
class BadHash:
    def __hash__(self): return "x"
try:
    hash(BadHash())
except TypeError as e:
    print(e)
class Ne:
    def __ne__(self, o): return "ne called"
print(Ne() != 1, Ne() == 1)
class NonBool:
    def __eq__(self, o): return "not a bool"
    def __lt__(self, o): return []
print(NonBool() == 1, NonBool() < 1, 5 == NonBool(), bool(NonBool() == 1))
print([NonBool()] == [1], NonBool() in [7])
class Base:
    def __eq__(self, o): return "Base.eq"
class Derived(Base):
    def __eq__(self, o): return "Derived.eq"
print(Base() == Derived(), Derived() == Base())
print(sorted([C(3), C(1), C(2)])[0].n)
