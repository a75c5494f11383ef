# expected: by hand
# PEP 649 and 749, new in 3.14: annotations are evaluated when asked for.
import annotationlib
class Node:
    next: Node
    count: int = 0
def f(a: Later, b: "quoted") -> Node: ...
class Later: pass
print(Node.__annotations__ == {"next": Node, "count": int})
print(f.__annotations__ == {"a": Later, "b": "quoted", "return": Node})
def g(x: missing, y: int): ...
try:
    g.__annotations__
except NameError as e:
    print(e)
print(annotationlib.get_annotations(g, format=annotationlib.Format.STRING))
forward = annotationlib.get_annotations(g, format=annotationlib.Format.FORWARDREF)
print(type(forward["x"]).__name__, forward["y"])
missing = str
print(g.__annotations__)
seen = []
def h(x: seen.append("evaluated")): ...
print(seen)
h.__annotations__
h.__annotations__
print(seen)
v: seen = 1
print(__annotate__(1)["v"] is seen)
class Cond:
    if False:
        never: int
    else:
        always: str
print(Cond.__annotations__)
