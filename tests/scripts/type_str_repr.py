# repr and escapes, quoting, non printable, surrogates.
for s in ("plain", "it's", 'say "hi"', "both ' and \"", "new\nline\ttab\\", "\x00\x1f\x7f", "é€😀", "\x80\xa0\xad", "\u200b\u2028\ufeff", "\ud800", "a\udc80b", "\U000e0001", ""):
    print(ascii(s), repr(s) if s.isprintable() else ascii(repr(s)))
print(len("\ud800"), "\ud83d\ude00" == "😀", "\ud800".encode("utf-8", "surrogatepass"), "a\udcffb".encode("utf-8", "surrogateescape"))
try:
    "\ud800".encode()
except UnicodeEncodeError as e:
    print(e)
print(ascii("é\n'"), "%a" % "é", f"{'é'!a}", repr(b"it's\x00\xff"), repr(b'"'), repr(b"'\""))
print([chr(i) for i in (9, 10, 13, 27, 34, 39, 92, 127)])
