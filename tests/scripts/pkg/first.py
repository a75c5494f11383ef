print("importing", __name__)
counter = []
name = __name__
def sibling():
    from . import second
    from .second import value
    from .sub import exported
    return second.value + value, exported
