def fail(kind, *args):
    raise kind(*args)
errors = []
for kind in (ValueError, KeyError):
    try:
        fail(kind, "message")
    except Exception as e:
        errors.append(e)
try:
    raise ExceptionGroup("inner", [TypeError("deep")])
except ExceptionGroup as e:
    errors.append(e)
raise ExceptionGroup("several failed", errors)
