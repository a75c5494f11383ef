class A:
    def f(self):
        return super().f(1), super().x, super(A, self).f()
    def g(this, *a):
        super = 1
        return super().g
    def h(self):
        return [super().h for _ in self]
    def i():
        return super().i
