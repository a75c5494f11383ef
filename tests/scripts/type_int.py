# int: construction, methods, errors.
print(int(), int(3.9), int(-3.9), int("42"), int(" -42\n"), int("1_000"), int("ff", 16), int("0xff", 16), int("0b101", 0), int("z", 36), int(True), int(b"7"), int("٣"))
for bad in (("",), ("4.2",), ("abc",), ("9", 8), ("1__0",), ("_1",), ("0x",), ("1", 1), ("1", 37), (None,), ([],), ("1 2",)):
    try:
        print(int(*bad))
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
for f in ("inf", "nan"):
    try:
        int(float(f))
    except (OverflowError, ValueError) as e:
        print(e)
print((255).bit_length(), (0).bit_length(), (-256).bit_length(), (255).bit_count(), (5).conjugate(), (7).real, (7).imag, (7).numerator, (7).denominator, (6).as_integer_ratio(), (5).is_integer())
print((1024).to_bytes(2, "big"), (1024).to_bytes(4, "little"), (-1).to_bytes(2, "big", signed=True), (5).to_bytes(), int.from_bytes(b"\x04\x00", "big"), int.from_bytes(b"\xff\xff", "big", signed=True), int.from_bytes([1, 2], "little"))
for bad in (lambda: (300).to_bytes(1, "big"), lambda: (-1).to_bytes(1, "big"), lambda: 1 / 0, lambda: 5 << -1):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
print(bin(10), bin(-10), oct(64), hex(255), hex(-255), 0b11 + 0o17 + 0xf)
print(pow(2, 10), pow(3, 20, 7), pow(3, -1, 7), pow(-2, 3, 5), pow(2, -2), divmod(-7, 2), divmod(7, -2), abs(-5), round(1234, -2), round(1250, -2), round(1350, -2), round(-15, -1))
print(isinstance(True, int), True == 1, hash(5), hash(-1), hash(2**61 - 1), hash(2**61), hash(-(2**61)), hash(True))
print(repr(10), str(-10), f"{10:5}|{10:<5}|{10:^5}|{10:+}|{10: }|{-10:=6}|{10:05}|{10:x}|{10:X}|{10:#o}|{10:b}|{65:c}|{1234567:,}|{1234567:_}|{0xffff:_x}|{10:e}|{10:.2f}|{10:%}|{10:n}")
print((5).__add__(3), (5).__add__("x"), (5).__floordiv__(2), (5).__rsub__(8), int.__add__(1, 2), (3).__lt__(4), (3).__bool__(), (7).__divmod__(2))
print(5 .real, 5..real, int.__name__, (10).__format__("x"), (-7) // 2, -7 >> 1, -7 & 0xF, 7 | -8, ~7, 6 ^ -3)
print(max(3, 1, 2), min([3, 1, 2]), sum([1, 2, 3], 10), [1, 2, 3].index(2), int("0"), -0)
class I:
    def __index__(self): return 3
print(int(I()), [10, 20, 30, 40][I()], hex(I()), "x" * I(), (1).__class__)
print(10 == 10.0, 10 != 11, 10 < 10.5, 2**53 == float(2**53), 2**53 + 1 == float(2**53), 10**400 > 1e308, 3 == 3 + 0j)
