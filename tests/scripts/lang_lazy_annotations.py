# Annotations that are never looked at are never evaluated, in functions' bodies and where quoted.
from __future__ import annotations
class Node:
    next: Node | None
    other: missing.thing
    def link(self, n: Node) -> Node: return n
def f(x: undefined, *, y: 1 / 0 = 2) -> also.undefined:
    return x + y
print(f(1), Node.__annotations__, f.__annotations__)
