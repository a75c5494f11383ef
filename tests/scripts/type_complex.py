# complex numbers.
z = 3 + 4j
print(z, z.real, z.imag, abs(z), z.conjugate(), -z, +z, complex(), complex(1), complex(1, 2), complex("1+2j"), complex(" -j "), complex("1e3-2.5j"), complex("nan+infj"))
w = 1 - 2j
print(z + w, z - w, z * w, z / w, z ** 2, z ** 0.5, z ** -1, 2 ** z, z + 1, 1 + z, z * 2.5, z == 3 + 4j, 3 == 3 + 0j, z != w, 1j * 1j)
print(repr(0j), -0j, 1e100j, complex(0, -0.0), complex(-0.0, 0), complex(float("inf"), float("nan")), 1j - 1, (1+0j), hash(1 + 0j) == hash(1), hash(3 + 4j) == hash(complex(3, 4)), bool(0j), bool(1j))
for bad in (lambda: z < w, lambda: complex("1 + 2j"), lambda: complex("x"), lambda: z // w, lambda: z % 2, lambda: int(z), lambda: float(z), lambda: z / 0, lambda: complex("1", 2)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__)
print(f"{z} {z:.2f} {z:>12} {z:e} {1.5j:g}", "%s" % z, format(z, ".1f"))
print(isinstance(z, complex), type(1j).__name__, complex(2.5).real, (1 + 2j).imag, sum([1j, 2, 3.5]))
class C:
    def __complex__(self): return 2j
class F:
    def __float__(self): return 1.5
print(complex(C()), complex(F()), complex(True))
import cmath
print(cmath.sqrt(-1), cmath.phase(1j) == cmath.pi / 2, cmath.polar(1 + 0j), cmath.exp(0), cmath.isinf(complex("inf")))
