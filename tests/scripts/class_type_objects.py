# type as a function, attributes of types, isinstance with tuples and unions.
print(type(1), type(type), type(None), type(print), type(len), type([].append), type(lambda: 0), type(...), type(NotImplemented))
C = type("C", (), {"x": 1, "m": lambda self: self.x})
print(C().m(), C.__name__, C.__qualname__, C.__bases__, C.__mro__)
C.__name__ = "Renamed"
print(C, C.__name__)
print(isinstance(1, int | str), isinstance("s", (int, (str, float))), issubclass(bool, int | None), isinstance(None, int | None))
print(int.__mro__, bool.__bases__, type.__mro__, object.__bases__)
print(isinstance(int, type), isinstance(type, object), issubclass(type, object))
for bad in (lambda: isinstance(1, 5), lambda: issubclass(1, int), lambda: type(), lambda: type("A", 5, {}), lambda: type(1, 2)):
    try:
        bad()
    except TypeError as e:
        print(e)
for stmt in ("int.x = 1", "C.__name__ = 5", "del int.real"):
    try:
        exec(stmt)
    except TypeError as e:
        print(e)
import types
print(types.FunctionType is type(lambda: 0), types.SimpleNamespace(a=1, b=[2]), types.MappingProxyType({"a": 1})["a"])
ns = types.SimpleNamespace(x=1)
ns.y = 2
print(ns, ns == types.SimpleNamespace(x=1, y=2))
N = types.new_class("N", (C,), {}, lambda d: d.update(z=3))
print(N.z, N.x)
m = types.ModuleType("m", "doc")
m.v = 1
print(m.__name__, m.__doc__, m.v, m)
print(type(C.__dict__).__name__, "x" in C.__dict__)
print(list[int], dict[str, int], list[int].__origin__, tuple[int, ...].__args__, list[int]([1, 2]))
