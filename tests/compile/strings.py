def f(a, b):
    x = f"{a} and {b!r:>{a}} {a=} {b=:x}"
    y = f"{a}"
    z = f"no fields" "joined" f"{{}}"
    t = t"hello {a} {b!s:{a}} {a=}"
    s = "\ud800\N{BULLET}"
    return b"a" b"\xff", f""
