# PEP 695: generic functions, classes and aliases.
def first[T](x: list[T]) -> T:
    return x[0]
class Box[T, *Ts, **P]:
    def __init__(self, v: T): self.v = v
    def get(self) -> T: return self.v
type Alias[K] = dict[K, list[Alias]]
type Simple = int | str
print(first([3, 4]), Box(5).get(), first.__type_params__, Box.__type_params__)
print(Alias.__name__, Alias.__type_params__, Alias.__value__, Simple.__value__, Simple)
def bounded[T: int, S: (str, bytes)](a: T, b: S): return a
T, S = bounded.__type_params__
print(T.__bound__, S.__constraints__, T.__name__)
class One[T]:
    def __init__(self, v: T): self.v = v
class Sub(One[int]): pass
print(Sub(1).v, Sub.__orig_bases__[0].__args__)
def lazy[T: undefined](): return "not evaluated"
print(lazy())
class Outer[T]:
    def m[U](self, u: U) -> tuple[T, U]: return u
print(Outer().m(9), Outer.m.__type_params__)
def default[T = int](): pass
print(default.__type_params__[0].__default__)
print([t.__name__ for t in Box.__type_params__])
