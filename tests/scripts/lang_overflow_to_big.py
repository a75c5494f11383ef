# Small integers turn into big ones and back without a seam.
n = 1
for i in range(70):
    n *= 2
    if i % 10 == 9:
        print(n, n - 1, -n, n + 1 == 2 ** (i + 1) + 1)
for edge in (2**31, 2**32, 2**47, 2**50, 2**51, 2**53, 2**59, 2**60, 2**61, 2**62, 2**63, 2**64):
    print(edge - 1 + 1 == edge, -edge - 1 + 1 == -edge, edge + edge, edge - edge * 2, edge * edge // edge == edge)
    print(edge - 1, -edge + 1, edge ^ (edge - 1), -edge & 0xFF, ~edge, hash(edge), edge % 1000, -edge // 7)
a = 3037000500
print(a * a, -a * a, a * -a, (a * a) >> 3, (a * a) % 97)
total = 0
for i in range(100):
    total += 2**55
print(total, type(total).__name__, total - 100 * 2**55 + 5)
