# Abstract classes and virtual subclasses.
from abc import ABC, abstractmethod, ABCMeta
class Shape(ABC):
    @abstractmethod
    def area(self): ...
    @property
    @abstractmethod
    def name(self): ...
    def describe(self): return f"{self.name} {self.area()}"
try:
    Shape()
except TypeError as e:
    print(e)
class Half(Shape):
    def area(self): return 1
try:
    Half()
except TypeError as e:
    print(e)
class Square(Half):
    name = "square"
print(Square().describe(), sorted(Shape.__abstractmethods__))
class Virtual: pass
Shape.register(Virtual)
print(isinstance(Virtual(), Shape), issubclass(Virtual, Shape), issubclass(int, Shape))
class Duck(metaclass=ABCMeta):
    @classmethod
    def __subclasshook__(cls, C):
        return True if any("quack" in B.__dict__ for B in C.__mro__) else NotImplemented
class Mallard:
    def quack(self): pass
print(isinstance(Mallard(), Duck), isinstance(5, Duck))
from collections.abc import Iterable, Hashable, Sized, Callable, Mapping, Sequence, Iterator, MutableSequence, Set, Generator, Container
for o in ([], {}, (), "s", 5, {1}, iter([]), len, (i for i in []), range(1), b"", None):
    print(type(o).__name__, [c.__name__ for c in (Iterable, Hashable, Sized, Callable, Mapping, Sequence, Iterator, MutableSequence, Set, Generator, Container) if isinstance(o, c)])
class MySeq(Sequence):
    def __init__(self, *a): self.a = a
    def __getitem__(self, i): return self.a[i]
    def __len__(self): return len(self.a)
s = MySeq(1, 2, 3, 2)
print(list(s), 2 in s, s.index(2), s.count(2), list(reversed(s)))
from collections.abc import MutableMapping
class MyMap(MutableMapping):
    def __init__(self): self.d = {}
    def __getitem__(self, k): return self.d[k]
    def __setitem__(self, k, v): self.d[k] = v
    def __delitem__(self, k): del self.d[k]
    def __iter__(self): return iter(self.d)
    def __len__(self): return len(self.d)
m = MyMap()
m.update(a=1, b=2)
print(m.pop("a"), m.setdefault("c", 3), dict(m), m == {"b": 2, "c": 3}, list(m.items()), "b" in m, m.get("z"))
m.clear()
print(len(m))
