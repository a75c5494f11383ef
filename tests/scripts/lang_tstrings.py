# expected: by hand
# Template strings are new in 3.14.
from string.templatelib import Template, Interpolation
name = "World"
t = t"Hello {name}!"
print(type(t).__name__, t.strings, t.values)
i = t.interpolations[0]
print(i.value, i.expression, i.conversion, i.format_spec)
u = t"{name!r:>{10}} and {name=}"
print(u.strings)
for part in u.interpolations:
    print(repr(part.value), repr(part.expression), part.conversion, repr(part.format_spec))
print([p if isinstance(p, str) else p.value for p in t"a{1}b{2}{3}"])
print((t"a{1}" + t"b{2}").strings, t"".strings, len(t"".interpolations))
print((t"x" t"{name}y").strings)
