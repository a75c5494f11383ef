# __del__ and weak references after gc.collect().
import gc, weakref
class C:
    def __init__(self, n): self.n = n
    def __del__(self): print("del", self.n)
    def __repr__(self): return f"C{self.n}"
c = C(1)
r = weakref.ref(c)
print(r() is c)
del c
gc.collect()
print(r())
def callback(ref): print("callback", ref() is None)
class D: pass
d = D()
keep = weakref.ref(d, callback)
del d
gc.collect()
a, b = C("a"), C("b")
a.other, b.other = b, a
del b
gc.collect()
print("cycle alive")
del a
gc.collect()
print("cycle gone")
wd = weakref.WeakValueDictionary()
x, y = D(), D()
wd["x"], wd["y"] = x, y
del x
gc.collect()
print(sorted(wd.keys()))
wk = weakref.WeakKeyDictionary()
wk[y] = 1
print(len(wk), wk[y])
ws = weakref.WeakSet([y])
print(y in ws, len(ws))
del y
gc.collect()
print(len(wk), len(ws), len(wd))
class M:
    def m(self): return "method"
m = M()
wm = weakref.WeakMethod(m.m)
print(wm()())
del m
gc.collect()
print(wm())
p = D()
p.v = 5
proxy = weakref.proxy(p)
print(proxy.v)
del p
gc.collect()
try:
    proxy.v
except ReferenceError as e:
    print(e)
f = D()
fin = weakref.finalize(f, print, "finalized", 1)
print(fin.alive)
del f
gc.collect()
print(fin.alive)
class Res:
    def __del__(self):
        global saved
        saved = self
res = Res()
del res
gc.collect()
print(type(saved).__name__)
try:
    weakref.ref(5)
except TypeError as e:
    print(e)
n = D()
held = weakref.ref(n)
print(weakref.ref(n) is held, weakref.getweakrefcount(n), hash(weakref.ref(C.__class__)) == hash(C.__class__))
