x: int = 1
if x:
    y: "str"
class C:
    a: int
    if x:
        b: a
    def m(self, p: a = 1, *args: *Ts, k: int, **kw: str) -> C: ...
def f[T: int, *Ts, **P = [int]](x: T) -> T:
    return x
type Alias[T] = list[T]
type Simple = int
class G[T](Base):
    def m(self, x: T) -> G[T]: ...
