# Primes, anagrams and Roman numerals: plain loops over ints, strings and dicts.
n = 3000; sieve = bytearray([1]) * n; sieve[:2] = b"\0\0"
for i in range(2, int(n ** 0.5) + 1):
    if sieve[i]: sieve[i * i::i] = bytes(len(range(i * i, n, i)))
print(sum(sieve), [i for i, p in enumerate(sieve) if p][-3:])
groups = {}
for w in "listen silent enlist google elgoog abc cab bca xyz".split(): groups.setdefault("".join(sorted(w)), []).append(w)
print([g for g in groups.values() if len(g) > 1])
def roman(n):
    out = ""
    for v, s in zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), "M CM D CD C XC L XL X IX V IV I".split()):
        while n >= v: out += s; n -= v
    return out
print([roman(k) for k in (1, 4, 9, 14, 40, 90, 400, 1994, 2024, 3999)])
def collatz(n, memo={1: 1}):
    if n not in memo: memo[n] = 1 + collatz(n // 2 if n % 2 == 0 else 3 * n + 1)
    return memo[n]
print(max(range(1, 2000), key=collatz), collatz(97), sum(map(collatz, range(1, 500))))
h = 0
for i in range(3000): h = (h * 31 + (i ^ (h >> 7))) & 0xFFFFFFFF
print(h, sum(int(c) for c in str(2 ** 500)), "".join(chr((ord(c) - 97 + 13) % 26 + 97) for c in "keelback"))
