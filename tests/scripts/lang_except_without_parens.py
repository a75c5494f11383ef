# expected: by hand
# PEP 758, new in 3.14: several exception types without parentheses.
for e in (ValueError("v"), KeyError("k"), IndexError("i")):
    try:
        raise e
    except ValueError, KeyError:
        print("first", repr(e))
    except IndexError:
        print("second", repr(e))
try:
    raise ExceptionGroup("g", [ValueError(1), KeyError(2)])
except* ValueError, KeyError:
    print("group")
