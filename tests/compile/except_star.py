def f(a):
    try:
        a()
    except* ValueError as e:
        print(e)
    except* (OSError, KeyError):
        raise
