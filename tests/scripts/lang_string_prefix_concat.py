# Adjacent literals of all kinds.
n = 3
print("a" "b" 'c' """d""", "x" f"{n}" "y", f"{n}" f"{n + 1}", r"\q" "\t|", b"a" b"\x62")
s = ("one "
     f"two {n} "
     r"three\n")
print(s)
print(u"unicode", "brace {n}" f" {n}")
