# Single inheritance, super() with and without arguments.
class A:
    def __init__(self): self.log = ["A.init"]
    def hello(self): return "A.hello"
    @classmethod
    def make(cls): return cls.__name__
    @staticmethod
    def st(): return "A.st"
    @property
    def p(self): return "A.p"
class B(A):
    def __init__(self):
        super().__init__()
        self.log.append("B.init")
    def hello(self): return "B+" + super().hello()
    @classmethod
    def make(cls): return "B+" + super().make()
    @staticmethod
    def st(): return "B+" + super(B, B).st()
    @property
    def p(self): return "B+" + super().p
class C(B):
    def hello(self): return "C+" + super(B, self).hello() + super(C, self).hello()
    def in_lambda(self): return (lambda: super(C, self).hello())()
    def in_comp(self): return [super(C, self).hello() for _ in range(1)]
    def nested(self):
        def inner(): return __class__.__name__
        return inner()
c = C()
print(c.log, c.hello(), C.make(), C.st(), c.p, c.in_lambda(), c.in_comp(), c.nested())
print(super(C, c).hello.__self__ is c)
try:
    super(C, c).nothing
except AttributeError as e:
    print(e)
try:
    super(C, 5)
except TypeError as e:
    print(type(e).__name__)
def loose():
    super()
try:
    loose()
except RuntimeError as e:
    print(e)
class X(C):
    hello = A.hello
print(X().hello(), X.mro() == list(X.__mro__), [k.__name__ for k in X.__mro__])
print(issubclass(X, A), issubclass(A, X), isinstance(X(), (int, B)), A.__subclasses__() == [B])
