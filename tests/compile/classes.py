@decorate
@other(1)
class A(Base, metaclass=Meta, **kw):
    """Doc.

    More.
    """
    x: int
    __secret = 1
    def __init__(self, y):
        super().__init__(y)
        self.y = y
        self.__z = super().z
        super(A, self).other()
    @property
    def p(self):
        return [__class__ for _ in self.y]
    y = [x for x in range(3)]
