# A balanced tree map with iteration, slicing by range and deletion, checked against a dict.
import random
class Node:
    __slots__ = ("k", "v", "p", "l", "r")
    def __init__(self, k, v, p): self.k, self.v, self.p, self.l, self.r = k, v, p, None, None
def split(n, k):
    if n is None: return None, None
    if n.k < k:
        n.r, rest = split(n.r, k)
        return n, rest
    rest, n.l = split(n.l, k)
    return rest, n
def merge(a, b):
    if a is None or b is None: return a or b
    if a.p > b.p:
        a.r = merge(a.r, b)
        return a
    b.l = merge(a, b.l)
    return b
class TreeMap:
    def __init__(self): self.root, self.draw, self.size = None, random.Random(1).random, 0
    def __setitem__(self, k, v):
        n = self.root
        while n is not None:
            if n.k == k: n.v = v; return
            n = n.l if k < n.k else n.r
        a, b = split(self.root, k)
        self.root = merge(merge(a, Node(k, v, self.draw())), b); self.size += 1
    def __getitem__(self, k):
        if isinstance(k, slice): return [x for x in self.items() if k.start <= x[0] < k.stop]
        n = self.root
        while n is not None:
            if n.k == k: return n.v
            n = n.l if k < n.k else n.r
        raise KeyError(k)
    def __delitem__(self, k):
        self[k]
        a, b = split(self.root, k); _, c = split(b, k + 1)
        self.root = merge(a, c); self.size -= 1
    def __len__(self): return self.size
    def items(self):
        def walk(n):
            if n is not None:
                yield from walk(n.l)
                yield n.k, n.v
                yield from walk(n.r)
        return walk(self.root)
t, d, r = TreeMap(), {}, random.Random(2)
for _ in range(1500):
    k = r.randrange(200)
    if r.random() < 0.6: t[k] = d[k] = r.random()
    else:
        try: del t[k]
        except KeyError: assert k not in d
        else: del d[k]
print(len(t) == len(d), list(t.items()) == sorted(d.items()), len(t[50:60]), sum(1 for _ in t.items()))
