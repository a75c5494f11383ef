# Literal, capture, wildcard, value and or patterns, with guards.
import math
class Color:
    RED = 1
    GREEN = "g"
def f(x):
    match x:
        case 0: return "zero"
        case -1: return "minus one"
        case 1.5: return "float"
        case 2 + 3j: return "complex"
        case "text": return "str"
        case b"bytes": return "bytes"
        case None: return "None"
        case True: return "True"
        case Color.GREEN: return "green"
        case math.pi: return "pi"
        case 10 | 20 | 30 as n: return f"tens {n}"
        case int(n) if n > 100: return f"large {n}"
        case str() as s if s.startswith("p"): return "p-word " + s
        case _: return "other"
for x in (0, 0.0, -1, 1.5, 2 + 3j, "text", b"bytes", None, True, 1, False, "g", math.pi, 10, 30, 101, 99, "pat", "qat", [], ...):
    print(repr(x), f(x))
match 5:
    case y: pass
print(y)
match "unmatched":
    case "nothing": print("no")
def shadow(match, case=1):
    match = match + case
    return match
print(shadow(1))
match = {"case": 1}
print(match["case"])
