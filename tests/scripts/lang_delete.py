# del of names, items, slices, attributes, nested targets.
x, y, z = 1, 2, 3
del x, (y, [z])
for n in "xyz":
    print(n in globals())
lst = list(range(10))
del lst[0], lst[-1], lst[2:4], lst[::2]
print(lst)
d = {"a": 1, "b": 2}
del d["a"]
print(d)
class C:
    attr = 1
    def __delattr__(self, n): print("delattr", n)
    def __delitem__(self, k): print("delitem", k)
c = C()
del c.whatever, c[1:2], c[3]
del C.attr
print(hasattr(C, "attr"))
for stmt in ("del d['zz']", "del lst[99]", "del nothing", "del (1).real", "del C.attr"):
    try:
        exec(stmt)
    except Exception as e:
        print(type(e).__name__, e)
def f():
    a = 1
    del a
    try:
        a
    except UnboundLocalError as e:
        print(e)
f()
