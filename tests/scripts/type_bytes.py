# bytes.
b = b"hello world"
print(b, b[0], b[-1], b[0:5], b[::-1], len(b), list(b[:3]), b + b"!", b * 2, 104 in b, b"wor" in b, b.find(b"o"), b.find(111, 5), b.count(b"l"), b.index(b"w"))
print(bytes(), bytes(3), bytes([1, 2, 255]), bytes("é", "utf-8"), bytes(range(3)), bytes(b"x"), bytes(bytearray(b"y")), bytes.fromhex("00 ff 7F"), b"\x00\xff".hex(), b"\x01\x02\x03".hex(":"), b"abcdef".hex("-", 2))
print(b.upper(), b.title(), b.capitalize(), b.swapcase(), b.split(), b.split(b"o"), b.rsplit(b"o", 1), b.partition(b" "), b.replace(b"l", b"L", 2), b"a\nb\r\n".splitlines(), b" x ".strip(), b"xxaxx".strip(b"x"), b",".join([b"a", b"b"]), b.startswith((b"x", b"he")), b.endswith(b"ld"))
print(b"ab".center(6, b"*"), b"a".ljust(3) + b"|", b"5".zfill(3), b"a\tb".expandtabs(4), b"abc".isalpha(), b"12".isdigit(), b"a b".isspace(), b"Ab".istitle(), b"abc".translate(bytes.maketrans(b"ab", b"xy")), b"abc".translate(None, b"b"), b"abc".removeprefix(b"a"))
print(b"a" < b"b", b"a" == "a", b"a" != bytearray(b"a"), b"" < b"\x00", hash(b"ab") == hash(bytes([97, 98])), {b"k": 1}[b"k"], sorted([b"b", b"a"]), max(b"az"), [*b"ab"], tuple(b"c"))
print(repr(b"\t\n\r\\'\"\x00\x7f\x80"), str(b"a"), b"\101\x41", rb"\x41", b"con" b"cat", b"".join([]), bool(b""), b"abc".decode(), b"%d" % 5)
for bad in (lambda: bytes([256]), lambda: bytes(-1), lambda: bytes("x"), lambda: b[100], lambda: b + "s", lambda: b"a".join(["s"]), lambda: bytes.fromhex("0g"), lambda: b.index(b"zz"), lambda: b.find("s"), lambda: bytes(1.5), lambda: "s" in b):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
try:
    b[0] = 1
except TypeError as e:
    print(e)
class B:
    def __bytes__(self): return b"via dunder"
print(bytes(B()))
