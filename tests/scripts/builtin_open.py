# Files: modes, iteration, seeking, errors.
import os, tempfile
d = tempfile.mkdtemp()
p = os.path.join(d, "f.txt")
with open(p, "w") as f:
    print(f.write("one\ntwo\n"), f.writable(), f.closed, f.mode)
    f.writelines(["three\n", "é\n"])
    print("four", file=f)
print(f.closed)
with open(p, encoding="utf-8") as f:
    print(repr(f.read()))
    print(repr(f.read()), f.tell() > 0)
    f.seek(0)
    print(repr(f.readline()), f.readlines(), f.readable())
for line in open(p):
    print(line.rstrip(), end=",")
print()
with open(p, "a") as f: f.write("appended")
with open(p, "rb") as f:
    b = f.read()
    print(b, len(b), f.seek(-8, 2), f.read(4), f.tell(), f.read())
    f.seek(0)
    print(f.readline(), f.read(2), f.peek(1)[:1] if hasattr(f, "peek") else b"o")
with open(p, "r+") as f:
    f.write("ONE")
    f.seek(0)
    print(f.readline())
with open(p, "wb") as f: f.write(b"a\r\nb\rc\n")
print(open(p).read().encode(), open(p, newline="").read().encode(), open(p, newline="\n").readlines(), [*open(p, "rb")])
with open(p, "w", newline="\r\n") as f: f.write("x\ny\n")
print(open(p, "rb").read())
with open(p, "w+") as f:
    f.write("rw"); f.seek(0); print(f.read(1), f.read(1), repr(f.read(1)))
    f.truncate(1)
print(os.path.getsize(p))
for bad in (lambda: open(os.path.join(d, "missing")), lambda: open(p, "x"), lambda: open(d), lambda: open(p, "zz"), lambda: open(p, "rw"), lambda: open(p, "rb", encoding="utf-8"), lambda: open(p, "w").read(), lambda: open(p).write("x"), lambda: f.read(), lambda: open(p, "wb").write("s")):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, str(e).replace(d, "DIR"))
with open(p, "wb") as f: f.write(b"\xff\xfe")
try:
    open(p, encoding="utf-8").read()
except UnicodeDecodeError as e:
    print(e)
print(ascii(open(p, encoding="latin-1").read()), ascii(open(p, encoding="utf-8", errors="replace").read()))
big = "line\n" * 5000
with open(p, "w") as f: f.write(big)
with open(p) as f: print(sum(1 for _ in f), f.read() == "")
os.remove(p); os.rmdir(d); print(os.path.exists(d))
