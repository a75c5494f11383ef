# Special methods for operators: direct, reflected, in place, NotImplemented, subclass first.
class V:
    def __init__(self, n): self.n = n
    def __repr__(self): return f"V{self.n}"
for op in "add sub mul truediv floordiv mod pow lshift rshift and or xor matmul divmod".split():
    def direct(self, o, op=op): return f"{op}({self},{o})"
    def reflected(self, o, op=op): return f"r{op}({self},{o})"
    setattr(V, f"__{op}__", direct)
    setattr(V, f"__r{op}__", reflected)
v = V(1)
print(v + 1, 1 + v, v - 1, 1 - v, v * 2, 2 * v, v / 2, 2 / v, v // 2, 2 // v, v % 2, 2 % v)
print(v ** 2, 2 ** v, v << 1, 1 << v, v >> 1, 1 >> v, v & 1, 1 & v, v | 1, 1 | v, v ^ 1, 1 ^ v, v @ 1, 1 @ v)
print(divmod(v, 2), divmod(2, v), "s" + v, "%s" % v)
class Sub(V):
    def __radd__(self, o): return f"Sub.radd({o})"
print(v + Sub(2), Sub(2) + v)
class N:
    def __add__(self, o): return NotImplemented
    def __eq__(self, o): return NotImplemented
    def __lt__(self, o): return NotImplemented
    def __contains__(self, x): return x == 3
n = N()
for f in (lambda: n + 1, lambda: n + n, lambda: n < 1, lambda: -n, lambda: n[0], lambda: n(), lambda: len(n), lambda: iter(n), lambda: n @ 2):
    try:
        f()
    except TypeError as e:
        print(e)
print(n == n, n == 1, n != 1, 3 in n, 4 not in n)
class U:
    def __neg__(self): return "neg"
    def __pos__(self): return "pos"
    def __invert__(self): return "inv"
    def __abs__(self): return "abs"
    def __round__(self, n=None): return ("round", n)
    def __index__(self): return 2
    def __int__(self): return 7
    def __float__(self): return 2.5
    def __complex__(self): return 1j
    def __trunc__(self): return 5
    def __floor__(self): return 6
    def __ceil__(self): return 8
u = U()
import math
print(-u, +u, ~u, abs(u), round(u), round(u, 2), [0, 1, 2][u], int(u), float(u), complex(u), math.trunc(u), math.floor(u), math.ceil(u), hex(u), range(5)[u], "ab" * u, "abcd"[u:])
class P:
    def __pow__(self, e, m=None): return (e, m)
print(P() ** 2, pow(P(), 2, 3))
