# Formatting floats.
for spec in ("", "f", ".0f", ".2f", ".10f", "e", ".3e", "E", "g", ".3g", ".10g", "G", "%", ".1%", ",", ",.2f", "_.3f", "+", " ", "010.2f", "<10.1f", ">10.1f", "^10.1f", "*^12.3f", "=+10.1f", "#.0f", "#g", "n", ".3", ".0e", "z.1f", "010"):
    print(spec.ljust(8), *(format(x, spec) for x in (0.0, 1.0, -1.5, 3.14159265, 1234567.891, 1e-10, 1.5e300 if "f" not in spec and "%" not in spec and "," not in spec and "_" not in spec else 2.5)), sep="|")
for x in (float("inf"), float("-inf"), float("nan"), -0.0):
    print(f"{x} {x:f} {x:e} {x:g} {x:010} {x:>8.2f} {x:F} {x:+}", repr(x))
print("%f %.2f %e %g %G %10.3f|%-10.1f|%+f %05.1f %%" % (1.5, 2.675, 12345.678, 0.00001234, 1e20, 3.14159, 2.5, 1.0, 9.99))
print("%.3g %#.3g %.0f %.15g %r %s" % (1234.5, 1.0, 0.5, 0.1, 0.1, 1e50))
print(f"{0.5:.0f} {1.5:.0f} {2.5:.0f} {0.125:.2f} {0.375:.2f} {1e21:.0f} {123.456:.1e} {99999.5:.5g} {0.0001:g} {0.00001:g}")
for bad in ("d", "x", "s", "..2f", ".f", "c"):
    try:
        print(format(1.5, bad))
    except ValueError as e:
        print(e)
print(f"{1e15} {1e16} {1.0} {12345678.9:,} {-1234.5:_.1f} {1/3:.20f} {2**0.5:.25g}")
