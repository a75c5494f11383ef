# Class patterns: positional by __match_args__, keywords, builtins, subclasses.
class Point:
    __match_args__ = ("x", "y")
    def __init__(self, x, y): self.x, self.y = x, y
class Point3(Point):
    __match_args__ = ("x", "y", "z")
    def __init__(self, x, y, z):
        super().__init__(x, y)
        self.z = z
def f(v):
    match v:
        case Point3(z=0): return "flat 3"
        case Point3(x, y, z): return f"3d {x} {y} {z}"
        case Point(0, 0): return "origin"
        case Point(x=0, y=y): return f"on y {y}"
        case Point(x, y) if x == y: return f"diagonal {x}"
        case Point(): return "a point"
        case int(i) | float(i): return f"number {i}"
        case str(s): return f"str {s}"
        case [Point(x=a), Point(x=b)]: return f"two points {a} {b}"
        case dict(d): return f"dict {d}"
        case tuple((1, second)): return f"tuple {second}"
        case _: return "no"
for v in (Point(0, 0), Point(0, 5), Point(3, 3), Point(1, 2), Point3(1, 2, 0), Point3(1, 2, 3), 5, 2.5, True, "s", [Point(1, 1), Point(2, 2)], {"a": 1}, (1, 2), None):
    print(f(v))
class NoArgs: pass
try:
    match NoArgs():
        case NoArgs(1): pass
except TypeError as e:
    print(e)
try:
    match Point(1, 2):
        case Point(1, 2, 3): pass
except TypeError as e:
    print(e)
try:
    match Point(1, 2):
        case Point(1, x=1): pass
except TypeError as e:
    print(e)
import dataclasses
@dataclasses.dataclass
class Pair:
    a: int
    b: int = 0
match Pair(1, 2):
    case Pair(a, b=2): print("dataclass", a)
match Point(1, 2):
    case Point(missing=1): print("no")
    case _: print("attribute missing")
