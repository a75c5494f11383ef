# expected: by hand
# Integers of any size.
import math
f = math.factorial(60)
print(f, -f, f // 10**40, f % (10**9 + 7), f.bit_length(), f.bit_count(), hash(f))
a, b = 10**50 + 12345, 3**70
for x, y in ((a, b), (-a, b), (a, -b), (-a, -b)):
    print(x + y, x - y, x * y, x // y, x % y, divmod(x, y))
    print(x & y, x | y, x ^ y, x >> 20, x << 5, ~x)
print(a / b, a / 3, b / a, -a / 7, (10**400) / (10**399), 10**18 / 10**9)
print(pow(a, 3, b), pow(7, 10**20, 13), 2**200, (-3)**75, 10**30 == 10.0**30, int(1e30))
print(a > b, a == a + 0, b < 10**100, sorted([2**70, -2**70, 1, 2**64, 0]), max(a, b) == a)
print(hex(2**100), oct(-2**80), bin(2**66), int(hex(2**100), 16) == 2**100, int("-" + "9" * 50), str(2**300))
print(f"{2**80:,} {2**80:x} {2**80:e} {2**80:>40} {2**80:_b}"[:200])
print(float(2**80), float(-2**90), round(2**70 + 5, -3), math.isqrt(10**40), math.gcd(f, 10**30), math.comb(100, 50), math.perm(30, 20), math.lcm(2**40, 3**30))
print((2**100).to_bytes(13, "big"), int.from_bytes(b"\xff" * 16, "little"), (-(2**64)).to_bytes(9, "little", signed=True))
for bad in (lambda: float(10**400), lambda: 2**5000 / 1.5, lambda: math.sqrt(-(10**50))):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
print((2**64 - 1) * (2**64 - 1), (2**64) // (2**32 + 1), (2**63) * -1, -(-2**63), abs(-2**63), 2**63 >> 63, 1 << 64 >> 64)
n, k = 1, 0
while n % 10**20 or n < 10:
    n *= 50; k += 1
    if k > 200: break
print(k, len(str(n)))
x = 10**100
x += 1; x -= 10**100
print(x, x is not None, x + 1)
print(int("123456789" * 20) % 987654321987654321, str(10**60)[-5:], repr(-(10**25)))
s = 0
for i in range(1, 60): s = s * 31 + i ** 12
print(s, s ^ (s >> 77), s % 2**61)
d, q = 1, []
p, r = 355 * 10**60, 113
for _ in range(3): q.append(p // r); p = p % r * 10
print(q)
