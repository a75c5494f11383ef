def first():
    raise ValueError("original")
def second():
    try:
        first()
    except ValueError:
        raise
second()
