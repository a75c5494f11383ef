# needs: rollback
# expected: by hand
# A rolled-back block undoes every kind of write, also those inside native code.
from collections import deque, Counter, OrderedDict, defaultdict
from transaction import atomic
import heapq, bisect, random
class Undo(Exception): pass
def undone(make, change, show=repr):
    o = make()
    before = show(o)
    try:
        with atomic:
            change(o)
            assert show(o) != before, "the change shows inside"
            raise Undo
    except Undo:
        pass
    return show(o) == before
class Slots: __slots__ = ("a", "b")
def slots():
    o = Slots(); o.a = 1
    return o
checks = {
    "list append": (lambda: [1], lambda o: [o.append(i) for i in range(100)]),
    "list slice": (lambda: [3, 1, 2], lambda o: o.__setitem__(slice(0, 2), "xyz")),
    "list sort": (lambda: [3, 1, 2], lambda o: o.sort()),
    "list clear": (lambda: [3, 1, 2], lambda o: o.clear()),
    "list extend self": (lambda: [1, 2], lambda o: o.extend(o)),
    "list imul": (lambda: [1, 2], lambda o: o.__imul__(3)),
    "heap": (lambda: [5, 2, 9], lambda o: heapq.heapify(o)),
    "insort": (lambda: [1, 5], lambda o: bisect.insort(o, 3)),
    "shuffle": (lambda: list(range(20)), lambda o: random.Random(1).shuffle(o)),
    "dict grow": (lambda: {1: 1}, lambda o: o.update({i: i for i in range(100)})),
    "dict order": (lambda: {"a": 1, "b": 2}, lambda o: o.update(a=o.pop("a"))),
    "dict popitem": (lambda: {"a": 1, "b": 2}, lambda o: o.popitem()),
    "dict clear": (lambda: {"a": 1}, lambda o: o.clear()),
    "set": (lambda: {1, 2, 3}, lambda o: o.symmetric_difference_update({3, 4}), sorted),
    "set clear": (lambda: {1, 2, 3}, lambda o: o.clear(), sorted),
    "deque": (lambda: deque([1, 2, 3]), lambda o: (o.appendleft(0), o.pop(), o.rotate(1))),
    "deque maxlen": (lambda: deque([1, 2, 3], 3), lambda o: o.extend([4, 5])),
    "bytearray": (lambda: bytearray(b"abc"), lambda o: (o.extend(b"def"), o.reverse(), o.__delitem__(0))),
    "Counter": (lambda: Counter("aab"), lambda o: o.update("bbb")),
    "OrderedDict": (lambda: OrderedDict(a=1, b=2), lambda o: o.move_to_end("a")),
    "defaultdict": (lambda: defaultdict(list, a=[1]), lambda o: (o["b"].append(1), o["a"].append(2))),
    "slots": (slots, lambda o: (delattr(o, "a"), setattr(o, "b", 2)), lambda o: (hasattr(o, "a"), hasattr(o, "b"))),
    "iterator": (lambda: iter([1, 2, 3]), next, lambda o: o.__length_hint__()),
    "random": (lambda: random.Random(5), lambda o: o.random(), lambda o: o.getstate()),
    "class": (lambda: type("K", (), {"v": 1}), lambda o: (setattr(o, "v", 2), setattr(o, "w", 3)), lambda o: (o.v, hasattr(o, "w"))),
    "function": (lambda: lambda: 1, lambda o: setattr(o, "attr", 1), lambda o: dict(vars(o))),
}
for name, check in checks.items():
    if not undone(*check): print("not undone:", name)
v = 1
def cell():
    n = 0
    def change():
        nonlocal n
        global v
        n, v = 5, 5
    try:
        with atomic:
            change()
            raise Undo
    except Undo:
        pass
    return n, v
print(len(checks), cell())
def numbers():
    for i in range(5): yield i
g = numbers()
print(next(g))
try:
    with atomic:
        next(g), next(g)
        raise Undo
except Undo:
    print(next(g), list(g))
