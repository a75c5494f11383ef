# typing as used at run time.
import typing
from typing import *
T = TypeVar("T")
class Box(Generic[T]):
    def __init__(self, v: T): self.v = v
print(Box[int], Box[int](5).v, Box.__parameters__, List[int], Dict[str, int], Tuple[int, ...], Callable[[int], str], Any, ClassVar[int], Literal[1, "a"], Annotated[int, "meta"])
print(get_origin(List[int]), get_args(Dict[str, int]), get_type_hints(Box.__init__), cast(int, "not checked"), get_args(Optional[int]))
class P(NamedTuple):
    x: int
    y: str = "d"
print(P(1), P._fields, P.__annotations__ == {"x": int, "y": str})
class TD(TypedDict, total=False):
    a: int
print(TD(a=1), TD.__total__)
@runtime_checkable
class Proto(Protocol):
    def run(self): ...
class R:
    def run(self): pass
print(isinstance(R(), Proto), isinstance(5, Proto))
@overload
def f(x: int) -> int: ...
def f(x): return x
@final
class F: pass
print(f(1), TYPE_CHECKING, NewType("Id", int)(5), F.__final__)
try:
    List[int]()
except TypeError as e:
    print(type(e).__name__)
try:
    assert_never(1)
except AssertionError as e:
    print(type(e).__name__)
def g(a: "int", b: Optional["str"] = None): pass
print(get_type_hints(g)["a"], T, TypeVar("B", bound=int).__bound__, ParamSpec("Q").__name__)
