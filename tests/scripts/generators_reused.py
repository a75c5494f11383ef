"""Generators that nobody can refer to when they are over: their memory serves again. Those that somebody can must stay whole."""
import gc, sys

class Pairs:
    def __init__(self, n, kept=None): self.n, self.kept = n, kept
    def __iter__(self):
        for i in range(self.n):
            yield [i, str(i)], (i, -i)

class Tree:
    def __init__(self, left, value, right): self.left, self.value, self.right = left, value, right
    def __iter__(self):
        if self.left: yield from self.left
        yield self.value
        if self.right: yield from self.right

def tree(low, high):
    if low >= high: return None
    middle = (low + high) // 2
    return Tree(tree(low, middle), middle, tree(middle + 1, high))

# Many that come and go; what they made stays as it was.
made = []
for r in range(50):
    for pair in Pairs(r % 7):
        made.append(pair)
assert all(a == [i, str(i)] and b == (i, -i) for (a, b), i in zip(made, (i for r in range(50) for i in range(r % 7))))
t = tree(0, 200)
for _ in range(5): assert [*t] == list(range(200)) and sorted(x for x in t) == list(range(200))
for a, b in zip(t, t): assert a == b
print(len(made), sum(t))

# Seen from outside while they run.
held = []
def outer(n):
    yield from Tree(tree(0, n), "m", tree(n, 2 * n))
    yield "end"
g = outer(6)
for x in g:
    inner = g.gi_yieldfrom
    while inner is not None:
        held.append(inner)
        inner = inner.gi_yieldfrom
    if x == 3: break
print(len(held), [type(h).__name__ for h in held[:2]], len({id(h) for h in held}))
rest = list(g)
again = [Pairs(3) for _ in range(20)]
for p in again:
    for _ in p: pass
print(rest, [next(h, "over") for h in held], {h.gi_running for h in held}, all(h.__name__ == "__iter__" for h in held))

frames = []
class Seen:
    def __iter__(self):
        mark = "mine"
        for i in range(4):
            yield i
def walk(it):
    for x in it:
        frames.append(it)
        yield x
w = Seen().__iter__()
f = w.gi_frame
for x in walk(w): pass
for _ in range(20): list(Seen()); [x for x in Seen()]
print(frames[0] is w, w.gi_frame, f.f_code.co_name, next(w, "over"))

class Tracked:
    def __iter__(self):
        yield 1
        found = [o for o in gc.get_objects() if getattr(o, "__qualname__", "") == "Tracked.__iter__" and hasattr(o, "gi_frame")]
        tracked.extend(found)
        yield 2
tracked = []
for x in Tracked(): pass
for _ in range(10):
    for p in Pairs(4): pass
print(len(tracked) <= 1, [next(h, "over") for h in tracked] in ([], ["over"]))

# Loops that are left before the end, or by an exception, and recursion over one iterable.
class Both:
    def __iter__(self):
        for x in (1, 2, 3):
            yield x
def nested(it, depth):
    total = 0
    for x in it:
        if depth: total += nested(it, depth - 1)
        else: total += x
        if x == 2 and depth % 2: break
    return total
print(nested(Both(), 5))
class Raises:
    def __iter__(self):
        yield 1
        raise ValueError("from inside")
for _ in range(3):
    try:
        for x in Raises(): held.append(x)
    except ValueError as e: held.append(str(e))
print(held[-6:])
print(set(x % 5 for x in t), tuple(x for x in Both()), sum(a * b for a, b in zip(Both(), Both())))
