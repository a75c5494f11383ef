def first():
    raise ValueError("original")
def second():
    try:
        first()
    except ValueError as e:
        e.args = ("changed",)
        raise e
second()
