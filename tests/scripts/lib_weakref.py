# Weak references, proxies and the containers built on them.
import gc
import weakref

class C:
    def __init__(self, n): self.n = n
    def __repr__(self): return f"C({self.n})"
    def __add__(self, other): return self.n + other
    def __radd__(self, other): return other - self.n
    def __len__(self): return self.n
    def __getitem__(self, i): return (self.n, i)
    def __call__(self, *a, **k): return (self.n, a, k)
    def __hash__(self): return hash(self.n)
    def __eq__(self, other): return isinstance(other, C) and self.n == other.n

def dead():
    gc.collect()

a = C(3)
r = weakref.ref(a)
print(r() is a, r is weakref.ref(a), weakref.getweakrefcount(a))
print(hash(r) == hash(a), r.__callback__)
p = weakref.proxy(a)
print(p.n, p + 1, 10 + p, len(p), p[4], p(1, k=2), isinstance(p, C), bool(p))
p.m = 5
print(a.m, type(p) is weakref.CallableProxyType, weakref.getweakrefcount(a))
try:
    hash(p)
except TypeError as e:
    print(e)
for bad in (1, "text", None, (1,)):
    try:
        weakref.ref(bad)
    except TypeError as e:
        print(e)

def scope():
    log = []
    b = C(4)
    r = weakref.ref(b, lambda w: log.append(w() is None))
    f = weakref.finalize(b, log.append, "finalized")
    print(f.alive, r() is b)
    return log, r, f

log, r4, f4 = scope()
dead()
for _ in range(3): pass
print(r4() is None, f4.alive, sorted(map(str, log)))

class Key(C): pass
values = weakref.WeakValueDictionary()
keys = weakref.WeakKeyDictionary()
some = weakref.WeakSet()
kept = [Key(i) for i in range(3)]
for k in kept:
    values[k.n] = k
    keys[k] = k.n * 10
    some.add(k)
print(sorted(values), sorted(keys.values()), len(some), Key(1) in some)
def drop():
    kept.pop()
    k = None
drop(); del k
dead()
for _ in range(3): pass
print(sorted(values.keys()), sorted(keys.values()), len(some))

m = weakref.WeakMethod(kept[0].__repr__)
print(m()())
class S:
    __slots__ = ("x",)
try:
    weakref.ref(S())
except TypeError as e:
    print(e)
class W:
    __slots__ = ("x", "__weakref__")
w = W()
print(weakref.ref(w)() is w)
class R(weakref.ref):
    __slots__ = ("key",)
    def __new__(cls, ob, callback=None, key=None):
        self = super().__new__(cls, ob, callback)
        self.key = key
        return self
    def __init__(self, ob, callback=None, key=None):
        super().__init__(ob, callback)
k = R(a, None, "name")
print(k() is a, k.key, isinstance(k, weakref.ref), k == r)
