# bool, None, Ellipsis, NotImplemented.
print(True, False, bool(), bool([]), bool([0]), bool(""), bool("0"), bool(0.0), bool(None), bool(...), bool(range(0)), bool({}), bool(object()))
print(True + 1, True * "x", True & False, True | False, True ^ True, ~0, True & 1, True << 3, -True, int(True), float(False), str(True), repr(False))
print(True is True, True == 1, {True: "a", 1: "b"}, [False, True][True], isinstance(True, int), type(True & True).__name__, type(True + True).__name__, type(True & 3).__name__)
print(None, repr(None), None is None, None == 0, type(None), bool(None), str(None), [None] * 2, hash(None) == hash(None), type(None)() is None)
print(..., Ellipsis, type(...), repr(...), NotImplemented, type(NotImplemented))
none = None
for bad in (lambda: None + 1, lambda: None.x, lambda: none(), lambda: none[0], lambda: type(None)(1), lambda: bool(1, 2), lambda: len(None), lambda: iter(None)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
print(f"{True:5}|{True!s:>6}|{False:d}|{True:x}", "%d %s" % (True, True), True.bit_length(), True.real, bool.__mro__)
print(any([0, 1]), all([]), any([]), all([1, 0]), sum([True, True, False]), sorted([True, False, 2, -1]), max(True, 0.5))
