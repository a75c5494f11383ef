# finally against return, break, continue and exceptions.
def f(kind):
    log = []
    for i in range(3):
        try:
            log.append(i)
            if kind == "break": break
            if kind == "continue": continue
            if kind == "return": return log
            if kind == "raise": raise ValueError
        except ValueError:
            log.append("caught")
        else:
            log.append("else")
        finally:
            log.append("f")
    return log, "end"
for kind in ("break", "continue", "return", "raise", "none"):
    print(kind, f(kind))
def nested():
    out = []
    try:
        try:
            try:
                raise KeyError("a")
            finally:
                out.append(1)
        except ValueError:
            out.append("no")
        finally:
            out.append(2)
    except KeyError:
        out.append(3)
    finally:
        out.append(4)
    return out
print(nested())
def gen():
    try:
        yield 1
        return
    finally:
        print("gen finally")
print(list(gen()))
def value():
    x = 1
    try:
        return x
    finally:
        x = 2
print(value())
def replaced():
    try:
        try:
            raise ValueError("lost")
        finally:
            raise KeyError("kept")
    except KeyError as e:
        return repr(e.__context__)
print(replaced())
def deep(n):
    try:
        if n: return deep(n - 1)
        return "bottom"
    finally:
        if n == 50: print("unwinding 50")
print(deep(100))
