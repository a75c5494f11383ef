# dataclasses: defaults, order, frozen, fields, post init, replace, inheritance.
from dataclasses import dataclass, field, fields, asdict, astuple, replace, FrozenInstanceError, KW_ONLY, InitVar
@dataclass
class P:
    x: int
    y: int = 0
    tags: list = field(default_factory=list, repr=False)
p = P(1)
p.tags.append("t")
print(p, P(1, 2) == P(1, 2), P(1) != P(2), asdict(p), astuple(P(3)), P(1).tags)
@dataclass(order=True, frozen=True)
class V:
    major: int
    minor: int = field(default=0, compare=True)
print(V(1, 2) < V(1, 3), sorted([V(2), V(1, 5), V(1)]), hash(V(1)) == hash(V(1)), {V(1): "v"}[V(1)])
try:
    V(1).major = 5
except FrozenInstanceError as e:
    print(e)
@dataclass
class Base:
    a: int
    b: int = 2
@dataclass
class Derived(Base):
    c: int = 3
    _: KW_ONLY
    d: int = 4
    scale: InitVar[int] = 1
    def __post_init__(self, scale): self.total = (self.a + self.b + self.c + self.d) * scale
print(Derived(1), Derived(1, 5, d=9, scale=2).total, [f.name for f in fields(Derived)])
print(replace(P(1, 2), y=5), P.__match_args__)
try:
    Derived(1, 2, 3, 4, 5)
except TypeError as e:
    print(type(e).__name__)
@dataclass(slots=True)
class S:
    x: int
    y: int = 1
s = S(1)
try:
    s.z = 1
except AttributeError:
    print("slots", s)
try:
    @dataclass
    class Bad:
        x: int = 1
        y: int
except TypeError as e:
    print(e)
try:
    @dataclass
    class Bad2:
        x: list = []
except ValueError as e:
    print(e)
@dataclass(eq=False, repr=False)
class Plain: x: int
print(Plain(1) == Plain(1))
@dataclass
class Nested: p: P; l: list
print(asdict(Nested(P(1), [P(2)])))
