# abs, divmod, pow, round, bin, oct, hex, chr, ord, hash, int and float helpers.
print(abs(-5), abs(2.5), abs(-2**70), abs(3 + 4j), abs(True), divmod(7, 3), divmod(-7, 3), divmod(7.5, 2), divmod(2**70, 10**5))
print(pow(2, 3), pow(2, -1), pow(2.0, 3), pow(2, 3, 5), pow(10, 20, 7), pow(3, -1, 11), pow(base=2, exp=5), pow(0, 0), pow(-1, 0.5))
print(round(2.5), round(-1.5), round(2.567, 1), round(15, -1), round(25, -1), round(12345.678, -2), round(5), round(5, 2), round(1e20), round(2.5, 0), round(number=1.25, ndigits=1), round(True))
for bad in (lambda: pow(2, -1, 4), lambda: pow(2, 3, 0), lambda: pow(2.0, 3, 5), lambda: round("a"), lambda: abs("a"), lambda: divmod(1, 0), lambda: chr(0x110000), lambda: ord(""), lambda: ord("ab"), lambda: bin(1.5), lambda: hex("a"), lambda: divmod(1, "a"), lambda: round(1.5, "a"), lambda: hash([])):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, "" if isinstance(e, ZeroDivisionError) else e)
print(bin(5), bin(-5), oct(8), hex(-255), chr(97), chr(0x1F600), ord("a"), ord(b"a"), hash(1), hash(1.0), hash(True), hash(2**61), hash(-1), hash(-2))
print(isinstance(hash("x"), int), hash("x") == hash("x"), hash(()) == hash(()), hash(None) == hash(None), id(print) == id(print), callable(int), bool("False"))
