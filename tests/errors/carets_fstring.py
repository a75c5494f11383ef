name = "x"
print(f"value {name.upper()} and {name.missing!r:>10}")
