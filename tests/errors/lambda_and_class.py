f = lambda x: x.missing
class C:
    def method(self):
        return f(self)
    attr = 1
C().method()
