# traceback's own output.
import traceback, io, sys
def f(x):
    return 1 / x
def g(): f(0)
try:
    g()
except ZeroDivisionError as e:
    text = traceback.format_exc().replace(__file__, "FILE")
    print(text)
    print([(s.name, s.lineno, s.line) for s in traceback.extract_tb(e.__traceback__)])
    print(traceback.format_exception_only(e), traceback.format_exception_only(type(e), e))
    print("".join(traceback.format_exception(e)).replace(__file__, "FILE") == text)
    out = io.StringIO(); traceback.print_exc(file=out, limit=1); print(out.getvalue().replace(__file__, "FILE"))
    print("".join(traceback.format_tb(e.__traceback__, -1)).replace(__file__, "FILE"))
def stack(): return [s.name for s in traceback.extract_stack()]
print(stack(), traceback.format_exception_only(ValueError("v")), traceback.format_exception_only(SyntaxError("bad", ("f.py", 2, 3, "a b c\n"))))
try:
    try:
        raise KeyError("inner")
    except KeyError as k:
        raise ValueError("outer") from k
except ValueError as e:
    te = traceback.TracebackException.from_exception(e)
    print(te.exc_type_str if hasattr(te, "exc_type_str") else te.exc_type.__name__, str(te), type(te.__cause__).__name__, "".join(te.format()).count("Traceback"))
e = ValueError("noted"); e.add_note("a note\nof two lines"); print("".join(traceback.format_exception(e)))
print("".join(traceback.format_exception(ExceptionGroup("g", [ValueError(1), TypeError("t")]))))
