try:
    int("x")
except ValueError as e:
    raise RuntimeError("from it") from e
