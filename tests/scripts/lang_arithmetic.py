# Operators on small integers and floats, with Python's rules for signs.
for a in (7, -7):
    for b in (3, -3):
        print(a, b, a + b, a - b, a * b, a // b, a % b, a / b, divmod(a, b))
print(2 ** 10, 2 ** -1, (-2) ** 3, -2 ** 2, 2 ** 3 ** 2, 0 ** 0)
print(7.5 // 2, 7.5 % 2, -7.5 // 2, -7.5 % 2, 7 // 2.0, 1e300 * 1e10)
print(1 << 5, 1024 >> 3, -1 >> 4, -5 << 2, 6 & 3, 6 | 3, 6 ^ 3, ~6, ~-1)
print(True + True, True * 3.5, 5 - False)
print(1 if 0.0 else 2, not 0, not [], +(-3), -(-3), +True)
