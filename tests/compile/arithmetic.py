def chain(a, b, c):
    x = a + b * c - 1
    x += 1
    x -= c
    y = -x ** 2 // 3 % 5
    return (x << 2 | y & ~b) ^ 1 + a

def folded():
    return 2 * 3 + 4, -1, 1 << 40, "ab" * 2, (1, 2) + (3,), 7 // 2, 1 / 4, 1 + 2j, 10 ** 30, 10 ** 300
