# re, json, csv, array, codecs, string and unicodedata in everyday use.
import array
import codecs
import csv
import io
import json
import re
import string
import unicodedata


def check(f):
    try:
        print(ascii(f()))
    except Exception as e:
        print(type(e).__name__, ascii(str(e)))


# Regular expressions.
check(lambda: re.findall(r"\d+", "a1b22c333"))
check(lambda: re.sub(r"(\w)(\d)", r"\2\1", "a1b2"))
check(lambda: re.sub(r"(?P<first>\w+) (\w+)", r"\g<2> \g<first>", "hello world"))
check(lambda: re.sub("x", lambda m: m.group().upper(), "axbx", count=1))
check(lambda: re.split(r"[,;]\s*", "a, b;c"))
check(lambda: re.match(r"(?P<y>\d{4})-(?P<m>\d\d)", "2024-05").groupdict())
check(lambda: [m.span() for m in re.finditer(r"a*", "baac")])
check(lambda: re.compile(r"^\s*(\w+)", re.M | re.I).findall("  Foo\nbar"))
check(lambda: re.compile("a", re.I | re.X))
check(lambda: re.search(r"(?<=€)\d+", "preis €12").group())
check(lambda: re.fullmatch(r"[à-ü]+", "éèü").span())
check(lambda: re.escape("a.b*c"))
check(lambda: re.search("b", "abc"))
check(lambda: re.search("b", "abc").expand(r"<\g<0>>"))
check(lambda: re.compile("(a)(b)?").match("a").groups("-"))
check(lambda: re.compile("("))
check(lambda: re.compile("a").search(b"a"))
check(lambda: re.match("a", "a").group(1))
check(lambda: re.sub(rb"\d", b"#", b"a1b2"))
check(lambda: re.findall(r"\b\w", "über straße é"))
check(lambda: [t for t in re.Scanner([(r"\d+", lambda s, t: int(t)), (r"\s+", None)]).scan("1 22 3")[0]])

# JSON.
check(lambda: json.dumps({"a": [1, 2.5, None, True, "é\n"], "b": {}}))
check(lambda: json.dumps({"b": 1, "a": [1, {"c": ()}]}, sort_keys=True, indent=2))
check(lambda: json.dumps("é€😀", ensure_ascii=False))
check(lambda: json.dumps({1: 2, None: 3, True: 4, 1.5: 5}))
check(lambda: json.dumps(float("inf")))
check(lambda: json.dumps(float("inf"), allow_nan=False))
check(lambda: json.dumps(object()))
check(lambda: json.dumps({(1,): 2}))
check(lambda: json.dumps({(1,): 2, "a": 1}, skipkeys=True))
check(lambda: json.dumps([1, 2], separators=(",", ":")))
check(lambda: json.loads('{"a": [1, -2.5e3, {"b": "c\\u00e9"}], "d": null, "é": true}'))
check(lambda: json.loads("[1, 2"))
check(lambda: json.loads('{"a" 1}'))
check(lambda: json.loads("[1,]"))
check(lambda: json.loads('"abc'))
check(lambda: json.loads('"\\q"'))
check(lambda: json.loads(""))
check(lambda: json.loads("1 2"))
check(lambda: json.loads('{"a": 1}', object_hook=lambda d: sorted(d.items())))
check(lambda: json.loads('{"a": 1, "a": 2}', object_pairs_hook=list))
check(lambda: json.loads("1.5", parse_float=lambda s: "F" + s))
check(lambda: json.loads("[NaN, Infinity, -Infinity]"))
check(lambda: json.loads("123456789012345678901234567890"))
loop = []
loop.append(loop)
check(lambda: json.dumps(loop))

# CSV.
check(lambda: list(csv.reader(io.StringIO('a,b,"c ""d"", e"\r\n1,,3\n'))))
check(lambda: list(csv.reader(["a;b", "'c;d';e"], delimiter=";", quotechar="'")))
check(lambda: list(csv.DictReader(io.StringIO("x,y\n1,2\n"))))
check(lambda: list(csv.reader(['1,"2"'], quoting=csv.QUOTE_NONNUMERIC)))


def written(*rows, **options):
    out = io.StringIO()
    csv.writer(out, **options).writerows(rows)
    return out.getvalue()


check(lambda: written([1, "a,b", 'q"r', None, 2.5], [""]))
check(lambda: written(["a", 1], quoting=csv.QUOTE_ALL, lineterminator="\n"))
check(lambda: written(["a,b"], quoting=csv.QUOTE_NONE))
check(lambda: written(["a,b"], quoting=csv.QUOTE_NONE, escapechar="\\"))
check(lambda: csv.list_dialects())
check(lambda: csv.get_dialect("nope"))
check(lambda: csv.Sniffer().sniff("a;b;c\n1;2;3\n").delimiter)

# Arrays.
check(lambda: array.array("i", [1, 2, 3]))
check(lambda: array.array("d", [1, 2]) * 2)
check(lambda: array.array("B", b"abc").tolist())
check(lambda: memoryview(array.array("h", [1, -2])).tolist())


def change():
    a = array.array("i", range(5))
    a.append(7)
    a.extend([8, 9])
    a[1:3] = array.array("i", [20, 30, 40])
    a.insert(0, -1)
    del a[2]
    a.reverse()
    a.byteswap()
    a.byteswap()
    return a, a.pop(), a.index(20), len(a)


check(change)
check(lambda: array.array("b", [1000]))

# Mutable bytes.


def mutate():
    b = bytearray(b"hello")
    b[0] = 72
    b += b" world"
    b[5:6] = b"--"
    del b[-1]
    b.append(33)
    b.extend(range(3))
    b.insert(1, 0)
    b.remove(0)
    b[::2] = bytes(len(b[::2]))
    m = memoryview(b)
    m[1:3] = b"xy"
    parts = m[1], m[-1:].tobytes()
    m.release()
    return b, b.pop(), parts


check(mutate)

# Codecs.
check(lambda: "é€".encode("cp1252"))
check(lambda: b"\x80".decode("cp1252"))
check(lambda: "a".encode("utf-16"))
check(lambda: codecs.encode("abc", "rot13"))
check(lambda: codecs.decode("616263", "hex"))
check(lambda: codecs.lookup("UTF8").name)
check(lambda: "abc".encode("hex"))
check(lambda: "é".encode("cp437"))
check(lambda: "€".encode("cp437", "replace"))
check(lambda: "a".encode("nope"))
codecs.register_error("star", lambda e: ("*" * (e.end - e.start), e.end))
check(lambda: "aéb".encode("ascii", "star"))
check(lambda: b"a\xffb".decode("utf-8", "star"))
decoder = codecs.getincrementaldecoder("utf-8")()
check(lambda: decoder.decode(b"a\xc3") + decoder.decode(b"\xa9"))
check(lambda: list(codecs.iterdecode([b"\xe2\x82", b"\xac"], "utf-8")))
check(lambda: io.TextIOWrapper(io.BytesIO(b"a\r\nb\xe9"), "latin-1").read())

# The rest.
check(lambda: string.Template("$a ${b} $$").substitute(a=1, b="x"))
check(lambda: string.Formatter().format("{0} {a!r:>5} {b[0]}", 1, a="x", b=[7]))
check(lambda: string.capwords("hello  world"))
check(lambda: unicodedata.normalize("NFKD", "ﬁé"))
check(lambda: unicodedata.name("😀"))
s = ""
for i in range(20000):
    s += "ab" if i % 2 else "é"
check(lambda: (len(s), s[19999:20003], s.count("é"), s.encode()[-2:]))
