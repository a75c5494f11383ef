# Name mangling.
class A:
    __secret = 1
    def __init__(self): self.__x = 2
    def get(self): return self.__x, self.__secret, A.__secret
    def __method(self): return "private"
    def call(self): return self.__method()
    def dunder(self): return self.__dunder__
    __dunder__ = "not mangled"
    def local(self):
        __v = 5
        return [k for k in locals() if "v" in k]
    def kw(self, *, __k=3): return __k
class B(A):
    def __init__(self):
        super().__init__()
        self.__x = "B's"
    def both(self): return self.__x, self._A__x
a, b = A(), B()
print(a.get(), a.call(), a._A__x, b.both(), a.dunder(), a.local(), a.kw(), sorted(b.__dict__))
try:
    a.__x
except AttributeError as e:
    print(e)
class _Under:
    def f(self): self.__y = 1; return self.__dict__
print(_Under().f())
def outside(o): return o.__x if hasattr(o, "__x") else "no"
print(outside(a))
