# `and` and `or` give an operand back and do not evaluate the rest.
def f(x):
    print("f", x)
    return x
print(f(0) and f(1), f(1) and f(2), f(0) or f(3), f(4) or f(5))
print(f(0) or f("") or f(None), f(1) and f([]) and f(2))
print(not f(1) or f(2), (f(1) or f(2)) and f(0))
class Truth:
    def __init__(self, v): self.v = v
    def __bool__(self):
        print("bool", self.v)
        return self.v
    def __repr__(self): return f"T({self.v})"
class Length:
    def __init__(self, n): self.n = n
    def __len__(self): return self.n
print(Truth(True) and Truth(False), Truth(False) or Truth(True), not Truth(True))
print(bool(Length(0)), bool(Length(2)), "yes" if Length(0) else "no")
if Truth(False) or Truth(True):
    print("if")
while Truth(False):
    print("never")
class Bad:
    def __bool__(self): return 1
try:
    bool(Bad())
except TypeError as e:
    print(e)
