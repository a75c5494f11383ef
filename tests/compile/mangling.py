class _Spam:
    __a = 1
    def f(self, __p):
        import __mod
        self.__x = __p.__y
        g(__kw=__p)
        del self.__x
        global __g
        __g = __name__
