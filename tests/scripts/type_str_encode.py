# encode and decode with codecs and error handlers.
s = "héllo €😀"
for enc in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf8", "UTF-8"):
    b = s.encode(enc)
    print(enc, b, b.decode(enc) == s)
print(s.encode("utf-16")[:2], "é".encode("latin-1"), b"\xe9".decode("latin-1"), "abc".encode("ascii"))
for errors in ("ignore", "replace", "xmlcharrefreplace", "backslashreplace", "namereplace"):
    print(errors, "a€é".encode("ascii", errors))
for errors in ("ignore", "replace", "backslashreplace", "surrogateescape"):
    print(errors, ascii(b"a\xff\xe2\x82b\xc3".decode("utf-8", errors)))
for bad in (lambda: s.encode("ascii"), lambda: s.encode("latin-1"), lambda: b"\xff".decode(), lambda: b"\xc3".decode(), lambda: b"\xe2\x28\xa1".decode(), lambda: b"\xed\xa0\x80".decode(), lambda: b"\xc0\x80".decode(), lambda: b"\xf5\x80\x80\x80".decode(), lambda: "a".encode("nope"), lambda: b"\x80".decode("ascii"), lambda: "a\ud800".encode("utf-8")):
    try:
        bad()
    except (UnicodeError, LookupError) as e:
        print(type(e).__name__, e)
print(b"\xef\xbb\xbfx".decode("utf-8-sig"), ascii(b"\xef\xbb\xbfx".decode("utf-8")), "x".encode("utf-8-sig"))
print(str(b"abc", "ascii"), bytes("é", "utf-8"), bytearray("a", "ascii"), "é".encode(errors="strict"))
