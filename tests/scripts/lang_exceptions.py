# try, except, else, finally in their orders.
def f(n):
    try:
        print("try", n)
        if n == 1: raise ValueError("v")
        if n == 2: raise KeyError("k")
        if n == 3: return "returned"
        if n == 4: raise OSError(2, "no such file")
    except ValueError as e:
        print("except", repr(e))
    except (KeyError, IndexError) as e:
        print("tuple", repr(e), e)
        return "from except"
    else:
        print("else")
    finally:
        print("finally")
    return "end"
for n in range(4):
    print(f(n))
try:
    f(4)
except OSError as e:
    print(repr(e), e.errno, e.strerror, e)
try:
    e
except NameError:
    print("e is deleted")
def loops():
    for i in range(3):
        try:
            if i == 0: continue
            if i == 1: break
        finally:
            print("cleanup", i)
    while True:
        try:
            return i
        finally:
            print("on return")
print(loops())
def nested():
    try:
        try:
            raise ValueError("inner")
        finally:
            print("inner finally")
    except ValueError as e:
        return str(e)
print(nested())
def reraise():
    try:
        raise ValueError("again")
    except ValueError:
        raise
try:
    reraise()
except ValueError as e:
    print("reraised", e)
try:
    raise
except RuntimeError as e:
    print(e)
class Custom(Exception):
    def __init__(self, a, b=2):
        super().__init__(a, b)
        self.b = b
try:
    raise Custom(1)
except Custom as e:
    print(e, e.args, e.b, repr(e))
try:
    raise Custom
except TypeError as e:
    print(e)
try:
    raise ValueError
except ValueError as e:
    print(repr(e), str(e) == "", e.args)
for bad in (5, "string", None):
    try:
        raise bad
    except TypeError as e:
        print(e)
try:
    try:
        1 / 0
    except "not a class":
        pass
except TypeError as e:
    print(e)
try:
    raise ValueError("x") from None
except ValueError as e:
    print(e.__suppress_context__, e.__cause__)
