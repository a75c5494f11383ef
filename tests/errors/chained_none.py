try:
    1 / 0
except ZeroDivisionError:
    raise ValueError("context hidden") from None
