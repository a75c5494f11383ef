# float: construction, repr, methods, special values.
print(float(), float("1.5"), float(" -2e3 "), float("inf"), float("-Infinity"), float("nan"), float(3), float(True), float("1_0.5"), float(b"2.5"), float("١.٥"))
for bad in ("", "abc", "1.5.2", "1e", "_1", None, []):
    try:
        float(bad)
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
for x in (0.1, 1e16, 1e15, 123456789012345680.0, 1e-4, 1e-5, 1e22, 1e23, 5e-324, 1.7976931348623157e308, -0.0, 1/3, 2/3, 100.0, 1e100, 0.1 + 0.2, 3.0e10, 9007199254740993.0):
    print(x, end=" ")
print()
print((2.5).as_integer_ratio(), (0.1).as_integer_ratio(), (2.0).is_integer(), (2.5).is_integer(), (1.5).hex(), (-0.1).hex(), float.fromhex("0x1.8p+1"), (1.5).conjugate(), (1.5).real, (1.5).imag)
inf, nan = float("inf"), float("nan")
print(inf + 1, inf - inf, inf * 0, -inf, inf > 10**400, nan == nan, nan != nan, nan in [nan], [nan] == [nan], min(1.0, nan), max(nan, 1.0), inf == inf, nan is nan)
print(7.0 // 2, -7.0 // 2, 7.5 % 2, -7.5 % 2, 7.5 % -2, divmod(7.5, 2), divmod(-7.5, 2), 2.0 ** 0.5, (-8.0) ** 2, 0.0 ** 0, 1e308 * 10, -1e308 * 10, 5e-324 / 2)
print(round(2.5), round(3.5), round(-2.5), round(2.675, 2), round(1234.567, -2), round(0.5), round(1e20), round(1.0), type(round(1.5)).__name__, type(round(1.5, 0)).__name__, round(5.015, 2), round(1e300, -299))
for bad in (lambda: 1.0 / 0, lambda: round(inf), lambda: round(nan), lambda: 10.0 ** 400, lambda: (inf).as_integer_ratio()):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, "" if isinstance(e, ZeroDivisionError) else e)
print((-8.0) ** (1/3))
print(hash(1.0) == hash(1), hash(0.5), hash(-0.5), hash(1e300), hash(inf), hash(-inf), hash(2.0**70) == hash(2**70), {1: "a"}[1.0])
print(0.0 == -0.0, str(-0.0), -0.0 + 0.0, abs(-0.0), 1.0 < 2, 1.5 > 1, 2**53 + 1.0, 1 - 0.9, 1e16 + 1, 0.1 * 3)
print(int(1e20), int(-1.9), bool(0.0), bool(nan), 3.7.__trunc__(), 3.7.__floor__(), 3.2.__ceil__(), float.__name__)
print(sum([0.1] * 10), sum([1e16, 1.0, -1e16]), 1.1 + 2.2, 3 * 1.1, sum([0.1, 0.2, 0.3]))
