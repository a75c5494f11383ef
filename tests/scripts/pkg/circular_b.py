from . import circular_a
import pkg.circular_a as ca
name = "b"
def result(): return "b uses " + circular_a.name + ca.name
