# Chains of delegating generators over one source, resumed by several threads at every link: each item comes out once, and an aborted
# resumption leaves each link as it was.
import threading
from _together import ROUNDS, many

TOTAL = ROUNDS * 4
def source():
    for i in range(TOTAL): yield i
def link(inner, n, notes):
    if n:
        below = link(inner, n - 1, notes)
        links.append(below)
        notes.append((yield from below))
    else:
        yield from inner
    return n
links, notes, lock, got = [], [], threading.Lock(), []
one = source()
roots = [link(one, 5, notes), link(one, 3, notes)]
for g in roots: got.append(next(g))
handles = roots + links

# Taking turns by a lock: the links are never found running.
def draw(index):
    mine, k = [], index
    while True:
        with lock:
            g = handles[k % len(handles)]
            x = next(g, None)
        if x is None:
            with lock:
                if next(one, None) is None: break
                raise AssertionError("a chain ended before its source")
        mine.append(x)
        k += 3
    return mine
parts = many(draw)
got += [x for part in parts for x in part]
assert sorted(got) == list(range(TOTAL)), (len(got), len(set(got)))
for g in handles:
    assert next(g, "over") == "over"
# None: of a link that somebody else had brought to its end.
assert all(n is None or n in range(6) for n in notes), notes

# Each thread has chains of its own, of changing depth, and drops some in the middle.
def own(index):
    for r in range(ROUNDS):
        depth = r % 9
        def walk(n):
            if n: yield from walk(n - 1)
            yield index, n
        assert list(walk(depth)) == [(index, n) for n in range(depth + 1)]
        g = walk(depth); next(g)
        if r % 2: g.close()
many(own)
print("ok")
