# Insertion order through updates, deletions and rebuilds; iteration errors.
d = {}
for k in "hello world": d[k] = d.get(k, 0) + 1
print(d)
d["h"] = "updated stays first"; print(list(d)[0])
del d["h"]; d["h"] = "now last"; print(list(d)[-1], d.popitem())
for i in range(50): d[i] = i
for i in range(45): del d[i]
print(list(d))
d.pop(47); d[47] = 1; d.update({"e": 0, 3: 3}); print(list(d))
def grow():
    x = {1: 1}
    for k in x: x[k + 1] = 1
def shrink():
    x = {1: 1, 2: 2}
    for k in x: del x[k]
def items_grow():
    x = {1: 1}
    for k, v in x.items(): x[2] = 1
for f in (grow, shrink, items_grow):
    try:
        f()
    except RuntimeError as e:
        print(e)
x = {1: 1, 2: 2}
for k in x: x[k] = 0
print(x)
for k in list(x): del x[k]
print(x, list(reversed({"a": 1, "b": 2}.items())))
it = iter({"a": 1}); print(next(it), next(it, "end"))
print(list({**{"b": 1}, "a": 2, **{"b": 3}}), list({k: 0 for k in "zyx"}), list(dict.fromkeys("banana")))
