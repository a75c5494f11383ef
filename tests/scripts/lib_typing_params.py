# Type parameters, aliases and generics, as typing and the syntax make them.
import typing
from typing import TypeVar, ParamSpec, TypeVarTuple, Generic, Unpack, Optional, Union, get_type_hints, get_args, get_origin

T = TypeVar("T")
B = TypeVar("B", bound=int)
A = TypeVar("A", str, bytes)
V = TypeVar("V", covariant=True)
print(T, B, A, V, B.__bound__, A.__constraints__, T.__bound__, V.__covariant__, T.__module__)
for bad in (lambda: TypeVar("X", int), lambda: TypeVar("X", int, str, bound=int),
            lambda: TypeVar("X", covariant=True, contravariant=True), lambda: TypeVar(3)):
    try:
        bad()
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)
P = ParamSpec("P")
Ts = TypeVarTuple("Ts")
print(P, P.args, P.kwargs, Ts, P.args.__origin__ is P, P.args == P.args)

class Box(Generic[T]):
    def get(self) -> T: ...
class Pair[K, W: int = bool]:
    x: K
def first[X, *Ys, **Q](a: X, *b: *Ys, **c) -> X: ...
type Name[Z] = list[Z] | None
type Lazy = undefined_until_asked

print(Box[int], Box[int].__origin__ is Box, get_args(Box[int]), Box.__parameters__)
print(Pair.__type_params__, Pair.__parameters__, Pair[int, bool], Pair.__orig_bases__)
w = Pair.__type_params__[1]
print(w.__bound__, w.__default__, w.has_default(), T.has_default(), T.__default__)
print(first.__type_params__, [type(p).__name__ for p in first.__type_params__])
print(Name, Name.__value__, Name.__type_params__, Name[int], Name[int].__args__)
try:
    Lazy.__value__
except NameError as e:
    print(e)
undefined_until_asked = int
print(Lazy.__value__, Lazy.__type_params__)
print(list[T][int], dict[T, B][str, int], get_origin(list[int]))
class Node:
    next: "Optional[Node]"
    value: "int"
    def f(self, a: "list[Node]", b: "str" = "") -> "bool": ...
print({k: str(v).replace("typing.Optional[__main__.Node]", "__main__.Node | None") for k, v in get_type_hints(Node).items()})
print(sorted(get_type_hints(Node.f)))

class Point(typing.NamedTuple):
    x: int
    y: int = 0
class Movie(typing.TypedDict, total=False):
    name: str
    year: typing.Required[int]
print(Point(1), Point.__annotations__ == {"x": int, "y": int}, Movie(name="x"), sorted(Movie.__required_keys__))
class Proto(typing.Protocol):
    def close(self) -> None: ...
@typing.runtime_checkable
class Closes(typing.Protocol):
    def close(self) -> None: ...
class F:
    def close(self): ...
print(isinstance(F(), Closes), isinstance(3, Closes))
try:
    isinstance(F(), Proto)
except TypeError as e:
    print(e)
print(typing.cast(int, "x"), typing.Any, typing.Callable[[int], str], typing.Literal[1, "a"])
@typing.overload
def g(a: int) -> int: ...
@typing.overload
def g(a: str) -> str: ...
def g(a): return a
print(len(typing.get_overloads(g)), typing.TYPE_CHECKING, typing.Annotated[int, "meta"].__metadata__)
print(typing.ClassVar[int], typing.Final[str], typing.NoReturn)
