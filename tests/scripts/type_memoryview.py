# memoryview, lightly.
b = bytearray(b"abcdef")
m = memoryview(b)
print(m[0], m[-1], len(m), m[1:3].tobytes(), m.tolist(), bytes(m[::2]), m.nbytes, m.itemsize, m.format, m.ndim, m.shape, m.readonly, m.obj is b)
m[0] = 90; m[1:3] = b"YX"
print(b, m == b"ZYXdef", m[0:2] == b"ZY", list(m[::-1]), 90 in m)
r = memoryview(b"ro")
print(r.readonly, hash(r) == hash(b"ro"), r.hex())
try:
    r[0] = 1
except TypeError as e:
    print(e)
try:
    m[1:3] = b"long"
except ValueError as e:
    print("ValueError")
i = memoryview(b"\x01\x00\x00\x00\x02\x00\x00\x00").cast("I")
print(i.tolist(), i[1], i.itemsize, len(i), i.nbytes)
with memoryview(b) as w:
    w[5] = 33
print(b)
try:
    w[0]
except ValueError as e:
    print(e)
try:
    memoryview("s")
except TypeError as e:
    print(e)
