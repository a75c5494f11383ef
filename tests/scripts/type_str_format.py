# str.format: fields, attributes, nesting, errors.
class P:
    x = 1
    d = {"k": [10, 20]}
p = P()
print("{} {}".format(1, 2), "{1} {0} {1}".format("a", "b"), "{a} {b}".format(a=1, b=2), "{0.x} {0.d[k][1]} {1[0]}".format(p, [5]), "{{}} {{{}}}".format(3))
print("{!r} {!s} {!a}".format("é", "é", "é"), "{:>5}|{:<5}|{:^5}|{:*^7}".format(1, 2, 3, "mid"), "{:{}}|{:{w}.{p}f}".format("x", 5, 3.14159, w=8, p=2), "{0:{1}}".format(7, "03d"))
print("{:d} {:x} {:o} {:b} {:c} {:,} {:e} {:.1%} {:g}".format(5, 255, 8, 5, 65, 1234567, 1234.5, 0.256, 1e10))
print("{:.2}|{:5.1}|{:s}".format("abc", "xyz", "s"), "{:5}|{:>5}".format("ab", "cd"), "{:=^9}".format("t"))
print("{a[x]} {a[y-z]}".format(a={"x": 1, "y-z": 2}), "{0[1]}".format("abc"), "{}".format([1]), "{:}".format(None))
print("{x}".format_map({"x": 1}), "{k}".format(**{"k": "v"}))
class M(dict):
    def __missing__(self, k): return f"<{k}>"
print("{a} {b}".format_map(M(a=1)))
for fmt, args in (("{", ()), ("}", ()), ("{0} {}", (1, 2)), ("{2}", (1,)), ("{x}", ()), ("{:d}", ("s",)), ("{!z}", (1,)), ("{0.y}", (p,)), ("{:5.2d}", (1,)), ("{:q}", (1,)), ("{0[}", (1,)), ("{:,s}", ("a",))):
    try:
        print(fmt.format(*args))
    except Exception as e:
        print(type(e).__name__, e)
