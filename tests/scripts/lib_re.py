# re.
import re
print(re.match(r"(\w+) (\w+)", "hello world!").groups(), re.match("x", "y"), re.search(r"\d+", "ab123").group(), re.fullmatch("a+", "aaa").span(), re.findall(r"\d", "a1b2"), re.findall(r"(\w)(\d)", "a1b2"), re.split(r"[,;]\s*", "a, b;c"), re.split("(-)", "a-b"), re.sub(r"\d", "#", "a1b2"), re.sub("a", "b", "aaa", count=2), re.subn("a", "b", "aa"))
m = re.search(r"(?P<year>\d{4})-(?P<month>\d\d)", "on 2024-05-06")
print(m.group("year"), m["month"], m.groupdict(), m.start(), m.end("month"), m.span(1), m.lastgroup, m.expand(r"\g<month>/\1"), m.string, m.re.pattern, m)
print(re.sub(r"(\w+) (\w+)", r"\2 \1", "a b"), re.sub(r"\w+", lambda m: m.group().upper(), "ab cd"), [x.group() for x in re.finditer("a.", "abac")], re.escape("a.b*c"))
p = re.compile(r"^(\w)(.*)$", re.M | re.I)
print(p.findall("ab\ncd"), p.flags & re.I != 0, p.groups, re.compile("a").match("ba", 1).span(), re.findall("(?i)A", "aA"), re.findall("a.b", "a\nb", re.S), re.findall(r"""a  # comment
 b""", "ab", re.X))
print(re.findall(r"(?<=a)b", "ab cb"), re.findall(r"a(?!b)", "ab ac"), re.findall(r"(a|b)+?c", "abc"), re.findall(r"a{2,3}", "aaaaa"), re.findall(r"a*?", "aa"), re.match(r"(a)?(b)?", "b").groups("d"), re.match(r"(.)\1", "aa").group(), re.findall(r"\bfoo\b", "foo foobar"), re.findall(r"[^\W\d]+", "ab1cé"), re.findall(r"a++b", "aab"), re.match(r"(?>a+)b", "aab").group(), re.match(r"(a)?(?(1)b|c)", "ab").group())
print(re.findall(rb"\d", b"a1"), re.split(r"\s+", " a b "), re.sub("", "-", "ab"), re.split("x*", "axb"), re.findall("é", "É", re.I), re.findall(r"\w", "aé", re.A), re.search("$", "a\n").start(), re.search(r"\Z", "a\n").start())
for bad in ("(", "a**", "[", "(?P<1>a)", r"\1", "(?z)", "a{3,2}", "*a", "(?<=a+)b"):
    try:
        re.compile(bad)
    except re.error as e:
        print(e)
print(re.template if hasattr(re, "template") else "none", repr(re.compile("a", re.I)), re.purge(), re.match("a", "a") == re.match("a", "a"), bool(re.match("", "")))
