early = 1
from .partly import late
late = 2
