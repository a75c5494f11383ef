# Docstrings; annotations read back; names not evaluated at definition.
"""not a docstring: a comment line precedes nothing, this is the module's"""
class C:
    """class doc"""
    x: int
    y: str = "s"
    def m(self, a: int, *b: str, c: float = 1.0, **d: bytes) -> None:
        """method doc"""
print(C.__doc__, C.m.__doc__, C.__annotations__, C.m.__annotations__)
v: int = 5
w: "later"
import sys
module = sys.modules[__name__]
print(module.__annotations__, v)
def f():
    z: undefined_name = 3
    q: undefined_name
    return z
print(f())
try:
    w
except NameError as e:
    print(e)
(paren): int = 3
C.new: int = 4
[1][0]: int
print(C.new, "paren" in module.__annotations__)
print(__doc__)
