def a():
    try:
        raise KeyError("one")
    except KeyError as e:
        raise TypeError("two") from e
def b():
    try:
        a()
    finally:
        {}["three"]
b()
