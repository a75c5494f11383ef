# Attributes of sys that scripts read.
import sys
print(sys.maxsize, sys.byteorder, sys.maxunicode, sys.version_info[0], sys.version_info >= (3, 13), sys.version_info.major, len(sys.version_info), isinstance(sys.version, str))
print(sys.float_info.max, sys.float_info.epsilon, sys.float_info.dig, sys.int_info.sizeof_digit > 0, sys.hash_info.modulus, sys.hash_info.inf)
print(sys.getrecursionlimit(), sys.stdout.encoding, sys.stdin.fileno(), sys.stdout.fileno(), sys.stderr.fileno(), sys.getdefaultencoding(), sys.getfilesystemencoding())
print(type(sys.path).__name__, type(sys.modules).__name__, type(sys.argv).__name__, isinstance(sys.executable, str), sys.platform, isinstance(sys.implementation.name, str), sys.implementation.cache_tag is not None)
print(sys.intern("abc") is sys.intern("ab" + "c"), isinstance(sys.getsizeof([]), int), callable(sys.exit), sys.flags.optimize, sys.dont_write_bytecode in (True, False), "math" in sys.stdlib_module_names, sys.api_version > 1000)
sys.setrecursionlimit(500)
print(sys.getrecursionlimit())
try:
    sys.setrecursionlimit(0)
except ValueError as e:
    print(e)
f = sys._getframe()
print(f.f_code.co_name, f.f_lineno, f.f_back, f.f_globals is globals())
def g(): return sys._getframe(1).f_code.co_name, sys._getframe().f_code.co_name, sys._getframe().f_back.f_lineno
print(g())
print(sys.exc_info(), sys.displayhook.__name__, sys.hexversion >= 0x030d0000, sys.exception())
sys.displayhook(5); sys.displayhook(None)
import builtins
print(builtins._, sys.getswitchinterval() > 0, sys.is_finalizing())
print(sys.orig_argv[-1].endswith("sys_attributes.py"), sys.prefix == sys.prefix, sys.ps1 if hasattr(sys, "ps1") else "no ps1")
