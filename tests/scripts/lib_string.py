# string, textwrap.
import string, textwrap
print(string.ascii_letters, string.digits, string.punctuation, repr(string.whitespace), string.hexdigits)
print(string.Template("$a ${b}c $$").substitute(a=1, b=2), string.Template("$a $zz").safe_substitute(a=1), string.capwords("hello  big world"), string.Formatter().format("{0} {x}", 1, x=2))
try:
    string.Template("$nope").substitute()
except KeyError as e:
    print(repr(e))
text = "The quick brown fox jumps over the lazy dog. It was   not amused at all."
print(textwrap.fill(text, 30)); print(textwrap.wrap(text, 20)[:2], textwrap.shorten(text, 25), repr(textwrap.dedent("  a\n    b\n  c")), repr(textwrap.indent("a\n\nb", "> ")))
print(textwrap.fill(text, 40, initial_indent="* ", subsequent_indent="  "))
