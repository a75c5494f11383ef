from .. import second
from . import exported
def where(): return __name__, second.value, exported
