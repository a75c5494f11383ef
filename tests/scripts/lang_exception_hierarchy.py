# The classes and their bases.
names = """BaseException SystemExit KeyboardInterrupt GeneratorExit BaseExceptionGroup Exception StopIteration StopAsyncIteration
ArithmeticError FloatingPointError OverflowError ZeroDivisionError AssertionError AttributeError BufferError EOFError ImportError
ModuleNotFoundError LookupError IndexError KeyError MemoryError NameError UnboundLocalError OSError BlockingIOError ChildProcessError
ConnectionError BrokenPipeError ConnectionAbortedError ConnectionRefusedError ConnectionResetError FileExistsError FileNotFoundError
InterruptedError IsADirectoryError NotADirectoryError PermissionError ProcessLookupError TimeoutError ReferenceError RuntimeError
NotImplementedError RecursionError SyntaxError IndentationError TabError SystemError TypeError ValueError UnicodeError
UnicodeDecodeError UnicodeEncodeError UnicodeTranslateError Warning BytesWarning DeprecationWarning EncodingWarning FutureWarning
ImportWarning PendingDeprecationWarning ResourceWarning RuntimeWarning SyntaxWarning UnicodeWarning UserWarning ExceptionGroup"""
import builtins
for name in names.split():
    cls = getattr(builtins, name)
    print(name, [b.__name__ for b in cls.__mro__[1:-1]])
print(IOError is OSError, EnvironmentError is OSError)
for errno in (1, 2, 4, 10, 11, 13, 17, 20, 21, 32, 104, 110, 111, 5):
    print(errno, type(OSError(errno, "m")).__name__)
e = FileNotFoundError(2, "gone", "name.txt")
print(e, e.filename, e.args, repr(e))
print(StopIteration(5).value, SystemExit(3).code, repr(SystemExit()), KeyError("a"), KeyError("a", 1), KeyError())
print(ImportError("m", name="n", path="p").name, NameError("x", name="y").name, AttributeError("a", name="n", obj=1).obj)
e = UnicodeDecodeError("utf-8", b"ab\xff", 2, 3, "bad")
print(e, e.encoding, e.object, e.start, e.end, e.reason)
print(UnicodeEncodeError("ascii", "a\xe9", 1, 2, "no"))
e = SyntaxError("msg", ("file", 3, 5, "text", 3, 6))
print(e.msg, e.filename, e.lineno, e.offset, e.text, e.end_lineno, e.end_offset, e)
