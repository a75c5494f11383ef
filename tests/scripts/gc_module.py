# The gc module's surface.
import gc
print(gc.isenabled())
gc.disable(); print(gc.isenabled()); gc.enable(); print(gc.isenabled())
print(isinstance(gc.collect(), int), isinstance(gc.get_count(), tuple), len(gc.get_threshold()))
class Node: pass
for i in range(2000):
    a, b = Node(), Node()
    a.o, b.o = b, a
gc.collect()
keep = [Node() for _ in range(5000)]
for i, k in enumerate(keep): k.i, k.prev = i, keep[i - 1]
for _ in range(3): gc.collect()
print(sum(k.i for k in keep), keep[0].prev.i, all(k.prev.i == (k.i - 1) % 5000 for k in keep))
data = {str(i): [i, {i: (i,)}] for i in range(3000)}
gc.collect()
print(sum(v[1][v[0]][0] for v in data.values()))
s = "".join(chr(97 + i % 26) * 10 for i in range(1000)); gc.collect(); print(len(s), s[:12])
def deep(n):
    if n == 0:
        gc.collect()
        return []
    local = [n]
    return deep(n - 1) + local
print(len(deep(200)), gc.is_tracked([]) in (True, False))
def gen():
    x = [1, 2, 3]
    while True:
        gc.collect()
        yield sum(x)
        x.append(x[-1] + 1)
g = gen()
print([next(g) for _ in range(4)])
big = list(range(100000)); del big; gc.collect()
f = (lambda y: lambda: y)([7]); gc.collect(); print(f())
