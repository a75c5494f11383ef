# Whole-list operations against each other: the multiset of elements is kept.
import random
from _together import together, ROUNDS
l = list(range(40))
def shuffle(seed):
    r = random.Random(seed)
    for _ in range(ROUNDS // 4):
        kind = r.randrange(4)
        if kind == 0: l.sort()
        elif kind == 1: l.reverse()
        elif kind == 2: l.sort(key=lambda x: -x); l.reverse()
        else: l.sort(reverse=True)
def look():
    for _ in range(ROUNDS // 2):
        copy = l[:]
        assert sorted(copy) == list(range(40)), copy
        assert len(l.copy()) == 40
together(lambda: shuffle(1), lambda: shuffle(2), look)
assert sorted(l) == list(range(40))
print("ok")
