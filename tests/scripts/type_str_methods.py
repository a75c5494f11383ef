# str methods, one after another.
s = "Hello, World"
print(s.upper(), s.lower(), s.swapcase(), s.title(), s.capitalize(), s.casefold(), "straße".upper(), "ß".casefold(), "ǆ".title(), "they're bill's".title())
print(s.find("o"), s.find("o", 5), s.find("zz"), s.rfind("o"), s.rfind("o", 0, 5), s.index("W"), s.rindex("l"), s.count("l"), s.count(""), s.count("l", 3, 5), "aaa".count("aa"))
print(s.startswith("He"), s.startswith(("x", "H")), s.startswith("W", 7), s.endswith("ld"), s.endswith(("a", "d")), s.endswith("o", 0, 5), "".startswith(""))
print(s.replace("l", "L"), s.replace("l", "L", 1), "aaa".replace("", "-"), "abc".replace("b", ""), "aaa".replace("a", "b", count=2), s.removeprefix("Hello"), s.removesuffix("World"), s.removeprefix("x"))
print("a,b,,c".split(","), "a b  c ".split(), "a,b,c".split(",", 1), "a,b,c".rsplit(",", 1), " a b c ".split(None, 1), " a b c ".rsplit(None, 1), "".split(), "".split(","), "a\nb\r\nc\x0bd".splitlines(), "a\nb\n".splitlines(True), "abc".partition("b"), "abc".rpartition("z"), "a.b.c".rpartition("."))
print(",".join(["a", "b"]), "".join("abc"), "-".join([]), "x".join(["only"]), ", ".join({"k": 1}), ".".join(str(i) for i in range(3)))
print("  a ".strip() + "|", "xxaxx".strip("x"), "  a ".lstrip() + "|", "  a ".rstrip() + "|", "abcba".strip("ab"), "\t\n a\u2003".strip())
print("a".center(5, "*"), "ab".center(5), "a".ljust(4) + "|", "a".rjust(4, "0"), "42".zfill(5), "-42".zfill(5), "+4".zfill(4), "abc".zfill(2), "a\tb\tc".expandtabs(4), "\t".expandtabs(), "01\t012\t0".expandtabs(4))
print("abc".isalpha(), "ab1".isalnum(), "123".isdigit(), "½".isnumeric(), "²".isdigit(), "²".isdecimal(), " \t".isspace(), "Abc".istitle(), "ABC".isupper(), "abc".islower(), "a1_".isidentifier(), "1a".isidentifier(), "for".isidentifier(), "abc".isascii(), "é".isascii(), "a\n".isprintable(), "".isalpha(), "".isprintable(), "A1".isupper(), "é".isalpha())
t = str.maketrans({"a": "1", "b": None, ord("c"): "xyz"})
print("aabbcc".translate(t), "hello".translate(str.maketrans("el", "ip")), "hello".translate(str.maketrans("el", "ip", "o")), "abc".translate({97: 65}))
print(s[0], s[-1], s[2:5], s[::-1], s[::2], s[-3:], s[5:2], s[100:], len(s), "W" in s, "xyz" not in s, s * 2, 2 * "ab", "ab" * -1, "" in s)
print(ord("A"), chr(8364), ord("😀"), chr(0x1F600), "\u00e9" == "é", len("😀"), "😀é"[0], "a" < "b", "Z" < "a", "abc" < "abd", "" < "a", "é" > "z", max("hello"), sorted("hello"))
for bad in (lambda: s.index("zz"), lambda: "a".split(""), lambda: ",".join([1]), lambda: s[100], lambda: "a" + 1, lambda: "ab".center(5, "xy"), lambda: s["a"], lambda: "a".replace(1, 2), lambda: ord("ab"), lambda: chr(-1), lambda: 1 in "a", lambda: s.find(1), lambda: str.maketrans("a", "bc"), lambda: "a" * "b"):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
print(str(), str(5), str(b"x"), str(b"caf\xc3\xa9", "utf-8"), str(b"\xff", "ascii", "replace"), str([1, "a"]), str(object=3))
print("abc".__len__(), "abc".__contains__("b"), "a".__add__("b"), "abc".__getitem__(1), "a".__eq__(1), hash("abc") == hash("a" + "bc"))
