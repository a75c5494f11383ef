# enum: members, values, aliases, flags, auto, methods.
from enum import Enum, IntEnum, Flag, IntFlag, StrEnum, auto, unique
class Color(Enum):
    RED = 1
    GREEN = 2
    CRIMSON = 1
    def describe(self): return f"{self.name}={self.value}"
print(Color.RED, repr(Color.RED), Color(2), Color["GREEN"], Color.CRIMSON is Color.RED, list(Color), len(Color))
print(Color.RED.describe(), Color.RED == 1, Color.RED in Color, isinstance(Color.RED, Color), Color.__members__.keys())
for bad in (lambda: Color(9), lambda: Color["NO"], lambda: Color.NO, lambda: setattr(Color, "RED", 5)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
class N(IntEnum):
    A = auto()
    B = auto()
print(N.A + 1, N.B > N.A, N.B == 2, f"{N.A}", sorted([N.B, N.A]), [10, 20, 30][N.A])
class S(StrEnum):
    ONE = auto()
    TWO = "2"
print(S.ONE, S.TWO == "2", S.ONE.upper(), repr(S.ONE))
class F(Flag):
    R = auto()
    W = auto()
    X = auto()
    RW = R | W
print(F.R | F.X, F.RW, F.R in F.RW, ~F.R, F.RW & F.W, bool(F.R & F.W), F(5), list(F.RW), F.R ^ F.RW)
class IF(IntFlag):
    A = 1
    B = 2
print(IF.A | IF.B, IF.A | 8, int(IF.A | IF.B), repr(IF(3)))
class Planet(Enum):
    EARTH = (5.97, 6.37)
    MARS = (0.64, 3.39)
    def __init__(self, mass, radius): self.mass, self.radius = mass, radius
    @property
    def density(self): return round(self.mass / self.radius, 3)
print(Planet.EARTH.mass, Planet.MARS.density)
A = Enum("A", "x y z")
print(list(A), A.y.value)
try:
    @unique
    class Dup(Enum):
        a = 1
        b = 1
except ValueError as e:
    print(e)
try:
    class More(Color): pass
except TypeError as e:
    print(e)
print({Color.RED: 1}[Color.RED], hash(Color.RED) == hash(Color.RED), Color.RED is Color(1))
class M(Enum):
    @classmethod
    def _missing_(cls, v): return cls.Z
    Z = 0
print(M(99))
match Color(2):
    case Color.RED: print("red")
    case Color.GREEN: print("green")
