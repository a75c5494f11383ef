# expected: by hand
# PEP 765, new in 3.14: leaving a finally block early is a SyntaxWarning, and works as before.
import warnings
source = """
def f():
    try:
        raise ValueError
    finally:
        return 'returned'
def g():
    for i in range(3):
        try:
            1 / 0
        finally:
            continue
    return i
"""
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    scope = {}
    exec(compile(source, "<warned>", "exec"), scope)
for w in seen:
    print(w.category.__name__, w.message, w.lineno)
print(scope["f"](), scope["g"]())
