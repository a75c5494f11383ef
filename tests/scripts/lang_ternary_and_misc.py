# Small things: pass, ellipsis, semicolons, line joining, tabs, numeric and string literals.
x = 1; y = 2; print(x, y)
if x: pass
else: print("no")
def f(): ...
print(f(), ..., Ellipsis is ...)
z = (1 +
     2
     + 3) + \
    4
print(z, "implicit " 'joining' """ of
strings""")
print(1_000_000, 0x_ff, 0b1010, 0o17, 1e3, 1_0.0_1, .5, 5., 1j, 0xDEAD_BEEF, 00)
print('\x41\u0042\U00000043\103\n\t\\\'\"\a\b\f\v\0'.encode(), r'\n', b'\x00\xff\\', rb'\d', "\N{SNOWMAN}" == "☃")
print("a\
b", len("é"), "tab\tq")
if True:
	print("tab indented")
class A: a = 1; b = 2
print(A.a + A.b)
while 0: pass
else: print("while else")
print("yes" if x > y else "no" if x == y else "less")
été = 3
print(été, ª if (ª := 1) else 0)
print((1)if x else 2, [1,2,][0], (1,), ())
print(not not x, - - x, ~ ~ x, 2 if not x else 3)
print("%s" % "a" "b", None is None, (lambda: ...)())
_ = [i for i in (1, 2,)]
print(_[-1], x if x else y, x and y or 3)
