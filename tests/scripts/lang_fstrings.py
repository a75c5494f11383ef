# f-strings: conversions, specs, nesting, self-documenting.
x, y, name = 42, 3.14159, "world"
print(f"hello {name}! {x} {y:.2f} {x:>6}|{x:<6}|{x:^6}|{x:06d}")
print(f"{name!r} {name!s} {'é'!a} {name!r:>10}")
print(f"{x = } {y=:.1f} {name=!s} {x + 1=}")
width, prec = 10, 3
print(f"{y:{width}.{prec}} {y:>{width}.{prec}f} {x:{'0>'}{5}}")
print(f"{{literal}} {{{x}}} {'nested ' + f'{x + 1}'}")
print(f"{'a' if x else 'b'} {[i for i in range(3)]} {(lambda q: q * 2)(4)} { {'k': 1}['k'] }")
print(f"{"same quotes"} {f"{f"{x}"}"}")
print(f"""multi
{x}
line""")
print(f"{x:#x} {x:#b} {x:o} {x:e} {x:,} {1234567:_} {0.5:%}")
print(rf"\n{x}\t" f"{x}" "plain {x}")
print(f"{x!r:^{width}}", f"{None}", f"{True:d}", f"{'s':*^5}")
class F:
    def __format__(self, spec): return f"<{spec}>"
print(f"{F()} {F():abc} {F():{name}}")
print(f"{
    x
    + 1
}")
print(f"{x:=+10}", f"{'\n'}|{'\t'}|" == "\n|\t|", f"\N{BULLET} \x41 \u00e9")
print(f"{x}" f"{y}" == f"{x}{y}", f"", f"{x,}", f"{x, y}", f"{*range(3),}")
print(f'{(z := 5)} {z}')
