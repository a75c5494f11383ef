# io in memory.
import io
s = io.StringIO("one\ntwo\n")
print(s.readline(), s.read(), s.tell() > 0, s.seek(0), [*s], s.getvalue())
s = io.StringIO(); print(s.write("abc"), s.seek(1), s.write("X"), s.getvalue(), s.truncate(2), s.getvalue(), s.closed); s.close()
try:
    s.read()
except ValueError as e:
    print(e)
b = io.BytesIO(b"\x00\x01\x02"); print(b.read(1), b.read(), b.getvalue(), b.seek(-1, 2), b.read(), b.getbuffer()[0], b.readable(), b.seekable())
b = io.BytesIO(); b.write(b"ab"); b.writelines([b"c", b"d"]); b.seek(0); x = bytearray(3); print(b.readinto(x), x, b.getvalue())
w = io.TextIOWrapper(io.BytesIO(b"l1\r\nl2\n"), encoding="utf-8"); print(w.readlines(), w.encoding)
raw = io.BytesIO(); t = io.TextIOWrapper(raw, encoding="latin-1", newline="\r\n"); t.write("é\n"); t.flush(); print(raw.getvalue())
r = io.BufferedReader(io.BytesIO(b"buffered data")); print(r.read(4), r.peek(2)[:2], r.read())
print(io.StringIO("a\r\nb", newline=None).read().encode(), io.StringIO("a\r\nb").read().encode(), isinstance(s, io.TextIOBase), issubclass(io.BytesIO, io.BufferedIOBase), io.DEFAULT_BUFFER_SIZE > 0)
for bad in (lambda: io.StringIO(b"x"), lambda: io.BytesIO("x"), lambda: io.StringIO().write(5), lambda: io.BytesIO().write("s"), lambda: io.StringIO().seek(-1)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
