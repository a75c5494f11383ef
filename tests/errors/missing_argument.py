class C:
    def method(self, a, b, *, c): pass
C().method(1)
