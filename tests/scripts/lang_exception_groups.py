# ExceptionGroup's own methods.
g = ExceptionGroup("top", [ValueError(1), ExceptionGroup("sub", [TypeError(2), ValueError(3)]), OSError("x")])
print(g)
print(repr(g))
print(g.message, len(g.exceptions))
print(repr(g.subgroup(ValueError)))
match, rest = g.split(TypeError)
print(repr(match), repr(rest))
print(g.subgroup(KeyError), g.split(lambda e: isinstance(e, OSError))[0])
print(repr(g.derive([KeyError("d")])))
try:
    ExceptionGroup("empty", [])
except ValueError as e:
    print(e)
try:
    ExceptionGroup("bad", [1])
except ValueError as e:
    print(e)
print(type(BaseExceptionGroup("b", [ValueError()])).__name__, type(BaseExceptionGroup("b", [KeyboardInterrupt()])).__name__)
try:
    ExceptionGroup("b", [KeyboardInterrupt()])
except TypeError as e:
    print(e)
class Mine(ExceptionGroup):
    def derive(self, excs): return Mine(self.message, excs)
print(repr(Mine("m", [ValueError(1), KeyError(2)]).subgroup(KeyError)))
