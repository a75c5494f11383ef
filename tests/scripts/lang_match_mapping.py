# Mapping patterns.
def f(x):
    match x:
        case {"type": "circle", "r": r}: return f"circle {r}"
        case {"type": "rect", "size": [w, h], **rest}: return f"rect {w} {h} {sorted(rest.items())}"
        case {1: _, 2: two}: return f"numbers {two}"
        case {"nested": {"a": {"b": deep}}}: return f"deep {deep}"
        case {}: return f"any mapping {len(x)}"
        case _: return "no mapping"
for x in ({"type": "circle", "r": 2, "more": 1}, {"type": "rect", "size": (3, 4), "z": 1, "a": 2}, {1: 0, 2: 5}, {"nested": {"a": {"b": 9}}}, {}, {"type": "circle"}, [], None):
    print(f(x))
from collections import defaultdict, OrderedDict
d = defaultdict(list)
match d:
    case {"missing": v}: print("created")
    case _: print("left alone", len(d))
match OrderedDict(a=1, b=2):
    case {"b": b, **rest}: print(b, rest)
class K: key = "a"
match {"a": 1}:
    case {K.key: v}: print("value pattern", v)
