# printf-style formatting of str and bytes.
print("%s %r %a %d %i %u %x %X %o %c %c %e %f %g %%" % ("s", "r", "é", 1, 2, 3, 255, 255, 8, "c", 65, 1.5, 2.5, 3.5))
print("%5d|%-5d|%05d|%+d|% d|%#x|%#o|%.3d" % (42, 42, 42, 42, 42, 255, 8, 5))
print("%5s|%-5s|%.2s|%5.1s|" % ("ab", "ab", "abc", "xyz"))
print("%(a)s %(b)05.1f %(a)r" % {"a": "x", "b": 2.25}, "%*d|%-*d|%.*f" % (5, 1, 5, 2, 2, 3.14159))
print("%s" % [1, 2], "%s %s" % (1, (2,)), "%s" % None, "%s" % {"a": 1}, "%d" % 3.99, "%d" % True, "%x" % 2**70, "%d" % -10**30, "plain" % ())
for fmt, arg in (("%d", "x"), ("%s %s", (1,)), ("%s", (1, 2)), ("%(a)s", (1,)), ("%(a)s", {}), ("%z", 1), ("%", 1), ("%c", "ab"), ("%c", -1), ("%x", 1.5), ("%d", None), ("no", 1)):
    try:
        print(fmt % arg)
    except Exception as e:
        print(type(e).__name__)
print(b"%s %d %x %a %c %b" % (b"bytes", 5, 255, "é", 65, b"b"), b"%5.1f|%-4d|" % (2.5, 3), b"%(k)s" % {b"k": b"v"}, bytearray(b"%d") % 7)
