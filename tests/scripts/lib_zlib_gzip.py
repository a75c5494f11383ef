# Compression: round trips, streams, errors, checksums.
import gzip, io, zlib

data = b"".join(b"line %d of some text\n" % (i % 97) for i in range(5000))
for level in (0, 1, 6, 9):
    packed = zlib.compress(data, level)
    assert zlib.decompress(packed) == data
    print(level, len(packed) < len(data) + 100)
print(zlib.crc32(b"hello"), zlib.crc32(data, 7), zlib.adler32(b"hello"), zlib.adler32(data, 3))
for wbits in (15, -15, 31):
    c = zlib.compressobj(6, zlib.DEFLATED, wbits)
    packed = c.compress(data[:1000]) + c.flush(zlib.Z_SYNC_FLUSH) + c.compress(data[1000:]) + c.flush()
    d = zlib.decompressobj(wbits)
    out = b""
    for i in range(0, len(packed), 100):
        out += d.decompress(packed[i:i + 100])
    out += d.flush()
    print(wbits, out == data, d.eof, d.unused_data)
packed = zlib.compress(data)
d = zlib.decompressobj()
part = d.decompress(packed + b"tail", 50)
print(len(part), part == data[:50], len(d.unconsumed_tail) > 0, d.eof)
rest = part
while not d.eof:
    rest += d.decompress(d.unconsumed_tail, 10000)
print(rest == data, d.unused_data)
for bad in (b"", b"not compressed", packed[:-5]):
    try:
        zlib.decompress(bad)
    except zlib.error as e:
        print(str(e)[:34])
buffer = io.BytesIO()
with gzip.open(buffer, "wt", encoding="utf-8") as f:
    for i in range(100):
        f.write(f"zeile {i} ä\n")
buffer.seek(0)
with gzip.open(buffer, "rt", encoding="utf-8") as f:
    lines = f.readlines()
print(len(lines), lines[-1])
print(gzip.decompress(gzip.compress(data)) == data)
