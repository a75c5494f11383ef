# Sequence patterns.
def f(x):
    match x:
        case []: return "empty"
        case [a]: return f"one {a}"
        case [1, 2]: return "exactly 1 2"
        case [a, b] if a == b: return f"equal pair {a}"
        case (1, [2, [3, deep]]): return f"deep {deep}"
        case ["go", ("north" | "south") as d]: return f"go {d}"
        case [first, *_, "end"]: return f"{first}..end"
        case [a, b, *rest]: return f"{a} {b} {rest}"
        case _: return "no"
from collections import deque
for x in ([], (), [1], [1, 2], [4, 4], (1, [2, [3, "x"]]), ["go", "south"], ["go", "east"], [0, 1, 2, "end"], range(5), "ab", b"ab", bytearray(b"ab"), {1, 2}, deque([7, 8, 9]), None, iter([1])):
    print(f(x) if not hasattr(x, "__next__") else f(x))
match [1, [2, 3], 4]:
    case [a, [b, *c], *d]:
        print(a, b, c, d)
match (1, 2, 3):
    case 1, *middle, 3:
        print(middle)
match [1, 2, 3]:
    case [*all_]: print(all_)
class Seq:
    def __len__(self): return 2
    def __getitem__(self, i): return "xy"[i]
from collections.abc import Sequence
class Seq2(Seq, Sequence): pass
print(f(Seq()), f(Seq2()))
