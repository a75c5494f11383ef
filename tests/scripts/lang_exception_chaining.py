# __context__, __cause__, notes and with_traceback.
try:
    try:
        raise ValueError("first")
    except ValueError:
        raise KeyError("second")
except KeyError as e:
    print(repr(e.__context__), e.__cause__, e.__suppress_context__)
try:
    try:
        raise ValueError("first")
    except ValueError as v:
        raise KeyError("second") from v
except KeyError as e:
    print(repr(e.__context__), repr(e.__cause__), e.__suppress_context__)
try:
    raise KeyError("k") from OSError
except KeyError as e:
    print(repr(e.__cause__))
try:
    try:
        1 / 0
    finally:
        raise TypeError("from finally")
except TypeError as e:
    print(repr(e.__context__))
def in_handler():
    try:
        raise ValueError("handled")
    except ValueError:
        try:
            raise KeyError("inside")
        except KeyError:
            pass
    try:
        raise OSError("after")
    except OSError as e:
        return e.__context__
print(in_handler())
e = ValueError("noted")
e.add_note("one")
e.add_note("two")
print(e.__notes__)
try:
    e.add_note(3)
except TypeError as t:
    print(t)
try:
    raise KeyError("x") from 5
except TypeError as t:
    print(t)
try:
    raise ValueError("tb")
except ValueError as v:
    tb = v.__traceback__
    print(tb.tb_lineno, tb.tb_next, tb.tb_frame.f_code.co_name)
    print(v.with_traceback(None).__traceback__)
def gen():
    try:
        yield
    except ValueError:
        raise KeyError("in generator")
g = gen()
next(g)
try:
    g.throw(ValueError("thrown"))
except KeyError as k:
    print(repr(k.__context__))
import sys
print(sys.exception())
try:
    1 / 0
except ZeroDivisionError as z:
    print(sys.exception() is z, sys.exc_info()[0].__name__)
    try:
        [][0]
    except IndexError as i:
        print(sys.exception() is i)
    print(sys.exception() is z)
