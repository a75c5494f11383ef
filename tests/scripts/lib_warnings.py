# warnings, recorded.
import warnings
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter("always")
    warnings.warn("one"); warnings.warn("two", DeprecationWarning, stacklevel=1)
    print([(x.category.__name__, str(x.message), x.lineno) for x in w])
with warnings.catch_warnings():
    warnings.simplefilter("error")
    try:
        warnings.warn("as error", UserWarning)
    except UserWarning as e:
        print(e)
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter("ignore"); warnings.warn("ignored"); print(len(w))
@warnings.deprecated("old thing")
def f(): return 1
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter("always"); print(f(), w[0].message)
