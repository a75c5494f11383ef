"""An iterator notices a key that was deleted before it began and comes again while it runs."""
from _together import many

table = dict.fromkeys(range(100), 0)
many(lambda index: table[index], 2)


def check():
    del table[99]
    walk = iter(table)
    next(walk)
    next(walk)
    table[99] = 1
    try:
        next(walk)
    except RuntimeError:
        return
    raise AssertionError("the change was not noticed")


for _ in range(5):
    check()
print("ok")
