# __init_subclass__, __set_name__, __class_getitem__.
class Base:
    registry = []
    def __init_subclass__(cls, /, tag=None, **kw):
        super().__init_subclass__(**kw)
        cls.registry.append((cls.__name__, tag))
class A(Base, tag="a"): pass
class B(A): pass
print(Base.registry)
try:
    class C(object, nope=1): pass
except TypeError as e:
    print(e)
class Named:
    def __set_name__(self, owner, name):
        print("set_name", owner.__name__, name)
        self.name = name
    def __get__(self, o, t): return f"value of {self.name}"
class D:
    one = Named()
    two = Named()
print(D().one, D.two)
D.three = Named()
try:
    D.three
except AttributeError as e:
    print(e)
class G:
    def __class_getitem__(cls, k): return (cls.__name__, k)
print(G[int], G[1, 2])
class Bad:
    def __set_name__(self, o, n): raise ValueError("in set_name")
try:
    class E: x = Bad()
except ValueError as e:
    print(e, e.__notes__)
