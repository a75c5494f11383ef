# Metaclasses: __prepare__, __new__, __init__, __call__, keyword arguments, conflicts.
class Meta(type):
    @classmethod
    def __prepare__(mcls, name, bases, **kw):
        print("prepare", name, kw)
        return {"injected": 1}
    def __new__(mcls, name, bases, ns, **kw):
        print("new", name, [k for k in ns if not k.startswith("__")])
        return super().__new__(mcls, name, bases, ns)
    def __init__(cls, name, bases, ns, **kw):
        print("init", name, kw)
        super().__init__(name, bases, ns)
    def __call__(cls, *a, **k):
        print("call", cls.__name__, a)
        return super().__call__(*a, **k)
    def on_class(cls): return "on " + cls.__name__
    def __repr__(cls): return f"<Meta {cls.__name__}>"
    def __len__(cls): return 42
    def __getitem__(cls, i): return (cls.__name__, i)
    def __contains__(cls, x): return x == 1
    def __iter__(cls): return iter("abc")
    def __getattr__(cls, n): return "meta attr " + n
    @property
    def prop(cls): return "meta prop"
class C(metaclass=Meta, option=5):
    x = 1
    def __init__(self, v): self.v = v
class D(C): pass
print(C, C(1).v, D(2).v, C.injected, C.on_class(), len(C), C[3], 1 in C, list(C), C.anything, C.prop, type(D) is Meta)
print(hasattr(C(0), "on_class"))
class Other(type): pass
try:
    class Bad(C, metaclass=Other): pass
except TypeError as e:
    print(e)
def func_meta(name, bases, ns, **kw):
    return (name, bases, sorted(k for k in ns if not k.startswith("__")), kw)
class F(metaclass=func_meta, z=1): a = 1
print(F)
T = type("T", (C,), {"y": 5})
print(T.y, type(T) is Meta)
class Singleton(type):
    _inst = {}
    def __call__(cls, *a):
        if cls not in cls._inst:
            cls._inst[cls] = super().__call__(*a)
        return cls._inst[cls]
class S(metaclass=Singleton): pass
print(S() is S())
class Checked(type):
    def __instancecheck__(cls, o): return o == 5
    def __subclasscheck__(cls, c): return c is int
class V(metaclass=Checked): pass
print(isinstance(5, V), isinstance(6, V), issubclass(int, V), issubclass(str, V))
