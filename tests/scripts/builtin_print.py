# print: sep, end, file, flush, conversions.
import io, sys
print()
print(1, "a", None, 2.5, [1], sep="-")
print("no newline", end="")
print("", end="|\n")
print("a", "b", sep="", end="!\n", flush=True)
print(*range(3), sep=", ")
s = io.StringIO()
print("to file", 5, file=s, end=";")
print(repr(s.getvalue()))
print("x", sep=None, end=None)
class W:
    def write(self, t): out.append(t)
out = []
print("a", 1, sep=":", file=W())
print(out)
for bad in (lambda: print(sep=5), lambda: print("x", end=1), lambda: print("x", nope=1), lambda: print("x", file=5)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
sys.stdout.write("direct\n")
print(sys.stdout.write("abc\n"))
old, sys.stdout = sys.stdout, io.StringIO()
print("captured")
got, sys.stdout = sys.stdout.getvalue(), old
print("got", repr(got))
print("unicode é € 😀", "tab\tnl\\n", b"bytes")
class S:
    def __str__(self): return "str called"
print(S(), [S.__name__])
sys.stdout.writelines(["one ", "two\n"])

print(end="")
