from .. import loaded
from ..second import value as helped
assert loaded
