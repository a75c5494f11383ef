# A package beside the script: relative imports, __init__, __all__, import *, submodules, circular imports.
import sys
import pkg
print(pkg.loaded, pkg.__name__, pkg.__package__, pkg.__path__[0].endswith("pkg"), pkg.__file__.endswith("__init__.py"), pkg.__doc__)
import pkg.sub.deep
print(pkg.sub.deep.where(), pkg.sub.deep.__package__)
from pkg import first
print(first.name, first.sibling())
from pkg.sub import *
print(exported, also, "hidden" in globals(), "_private" in globals())
from pkg.stars import *
print(public, "_underscore" in globals())
import pkg.circular_a
print(pkg.circular_a.result(), pkg.circular_b.result())
from pkg import lazy_attr
print(lazy_attr)
try:
    from pkg import does_not_exist
except ImportError as e:
    print(str(e).split(" (")[0], e.name)
try:
    import pkg.broken
except ZeroDivisionError as e:
    print(e, "pkg.broken" in sys.modules)
try:
    import pkg.missing
except ModuleNotFoundError as e:
    print(e, e.name)
try:
    import pkg.first.deeper
except ModuleNotFoundError as e:
    print(e)
try:
    exec("from . import x", {"__name__": "__main__", "__package__": None})
except ImportError as e:
    print(type(e).__name__, e)
try:
    from pkg.partly import early, late
except ImportError as e:
    print("partly", str(e).split(" (")[0])
import pkg as again, pkg.first as f1
print(again is pkg, f1 is first, sorted(m for m in sys.modules if m.startswith("pkg")))
import namespace_only.inside as inside
print(inside.v, inside.__name__)
import importlib
first.counter.append(1)
again = importlib.reload(first)
print(again is first, first.counter)
