# sys.path changed while running; a module found where it points; the cache of finders.
import sys, os, tempfile
d = tempfile.mkdtemp()
with open(os.path.join(d, "made_up.py"), "w") as f: f.write("v = 1\nfile = __file__\n")
try:
    import made_up
except ModuleNotFoundError as e:
    print(e)
sys.path.insert(0, d)
import made_up
print(made_up.v, made_up.file == os.path.join(d, "made_up.py"), made_up.__spec__.name)
sub = os.path.join(d, "pack")
os.mkdir(sub)
with open(os.path.join(sub, "__init__.py"), "w") as f: f.write("from .m import *\n")
with open(os.path.join(sub, "m.py"), "w") as f: f.write("x, _y = 1, 2\n")
import importlib
importlib.invalidate_caches()
import pack
print(pack.x, hasattr(pack, "_y"), pack.m.__name__)
with open(os.path.join(d, "syntax_bad.py"), "w") as f: f.write("def f(:\n")
importlib.invalidate_caches()
try:
    import syntax_bad
except SyntaxError as e:
    print(e.lineno, os.path.basename(e.filename), "syntax_bad" in sys.modules)
del sys.modules["made_up"]
with open(os.path.join(d, "made_up.py"), "w") as f: f.write("v = 'changed and longer'\n")
import made_up
print(made_up.v)
import shutil
shutil.rmtree(d)
