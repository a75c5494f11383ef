# except* splits groups.
def f(group):
    try:
        raise group
    except* ValueError as e:
        print("values", e.exceptions)
    except* (KeyError, IndexError) as e:
        print("lookups", e.exceptions)
    else:
        print("else")
    finally:
        print("finally")
f(ExceptionGroup("g", [ValueError(1), KeyError("k"), ValueError(2)]))
try:
    f(ExceptionGroup("g", [ValueError(1), TypeError("left")]))
except ExceptionGroup as e:
    print("rest", repr(e))
f(ExceptionGroup("nested", [ExceptionGroup("in", [ValueError(1), IndexError(2)])]))
try:
    raise ValueError("bare")
except* ValueError as e:
    print(repr(e))
try:
    try:
        raise ExceptionGroup("g", [ValueError(1)])
    except* ValueError:
        raise TypeError("new")
except TypeError as e:
    print(repr(e), "context", repr(e.__context__))
try:
    pass
except* ValueError:
    print("never")
else:
    print("no exception")
try:
    try:
        raise ExceptionGroup("g", [ValueError(1), KeyError(2)])
    except* ValueError:
        raise
except ExceptionGroup as e:
    print(e.message, len(e.exceptions), e)
try:
    try:
        raise ValueError(1)
    except* ExceptionGroup:
        pass
except TypeError as e:
    print(e)
