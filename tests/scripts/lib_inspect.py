# inspect.
import inspect
def f(a, b: int = 2, *args, c, d=4, **kw) -> str: "doc"
class C:
    def m(self, x): pass
print(inspect.signature(f), inspect.signature(C.m), inspect.signature(C().m), inspect.signature(lambda x, /, y: 0), list(inspect.signature(f).parameters), inspect.getdoc(f))
b = inspect.signature(f).bind(1, c=3); b.apply_defaults(); print(b.arguments)
try:
    inspect.signature(f).bind()
except TypeError as e:
    print(e)
def g(): yield
async def co(): pass
print(inspect.isfunction(f), inspect.isgeneratorfunction(g), inspect.iscoroutinefunction(co), inspect.isclass(C), inspect.ismethod(C().m), inspect.isbuiltin(len), inspect.ismodule(inspect), [n for n, _ in inspect.getmembers(C, inspect.isfunction)], inspect.getmro(C)[0].__name__)
print(inspect.getsource(g), inspect.getsourcelines(C)[1], inspect.currentframe().f_lineno, inspect.stack()[0].function, inspect.unwrap(f) is f)
gen = g(); print(inspect.getgeneratorstate(gen)); next(gen); print(inspect.getgeneratorstate(gen)); gen.close(); print(inspect.getgeneratorstate(gen))
