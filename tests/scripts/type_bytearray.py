# bytearray: mutation.
b = bytearray(b"abc")
b.append(100); b.extend(b"ef"); b.extend([103]); b.insert(0, 0x5f)
print(b, len(b), b.pop(), b.pop(0), b)
b[0] = 65; b[-1:] = b"XYZ"; b[1:1] = b"--"; del b[0]; del b[::3]
print(b)
b.reverse(); print(b)
b.remove(ord("Y")); print(b)
c = b.copy(); c += b"!"; c *= 2
print(b, c, c == bytes(c), b"!" in c, c.find(b"!"), c.replace(b"!", b"?"), c.split(b"!"), c.upper(), c.decode(), c.hex())
c.clear(); print(c, bool(c), bytearray(3), bytearray([1, 2]), bytearray("é", "utf-8"), bytearray(b"x") + b"y", b"x" + bytearray(b"y"), bytearray.fromhex("0a0B"))
b = bytearray(range(10))
b[2:8:2] = b"abc"; print(b)
b[:] = b"new"; print(b, b[1], b[::-1], list(b))
for bad in (lambda: b.append(256), lambda: b.append("a"), lambda: b.pop(99), lambda: b.remove(0), lambda: b.__setitem__(0, 300), lambda: b.__setitem__(slice(0, 3, 2), b"abc"), lambda: hash(b), lambda: bytearray("s"), lambda: b.insert(0, -1), lambda: bytearray().pop()):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
x = y = bytearray(b"1"); x += b"2"; print(y)
print(repr(bytearray(b"'\"")), b == b"new", b != bytearray(b"new"), b < b"nex", sorted(b), max(b))
m = memoryview(b)
m.release(); b.append(33); print(b)
