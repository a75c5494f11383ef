# __import__, importlib.import_module, sys.modules.
import sys, importlib
m = __import__("math")
print(m.sqrt(16), m is sys.modules["math"], __import__("os.path").__name__, __import__("os.path", fromlist=["join"]).__name__ in ("posixpath", "ntpath"))
print(importlib.import_module("collections.abc").__name__, importlib.import_module("json").__name__)
for name in ("no_such_module", "math.nothing", "json.nothing", ""):
    try:
        __import__(name)
    except (ImportError, ValueError) as e:
        print(type(e).__name__, e, getattr(e, "name", None))
try:
    from math import nothing_here
except ImportError as e:
    print(str(e).split(" (")[0])
import types
fake = types.ModuleType("fake_module")
fake.value = 42
sys.modules["fake_module"] = fake
import fake_module
from fake_module import value as v
print(fake_module.value, v)
sys.modules["blocked"] = None
try:
    import blocked
except ImportError as e:
    print(type(e).__name__, e)
import os.path as osp, collections.abc
print(osp.join("a", "b"), collections.abc.Sized.__name__)
from os import path as p2, sep
print(p2 is osp, sep)
def local_import():
    import string
    from string import digits
    return digits, "string" in dir()
print(local_import(), "digits" in globals())
print(sys.modules["__main__"].__name__, __name__, type(sys.modules).__name__, "sys" in sys.builtin_module_names)
