"""The package's doc."""
print("importing pkg", __name__)
loaded = True
from . import first as _first
from .sub.helper import helped
def __getattr__(name):
    if name == "lazy_attr": return "made by __getattr__"
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
