from __future__ import annotations
import a, b.c, d.e.f as g
from . import h
from ..i import j as k, l
from m import *
def f(x: int, *a: "str") -> list[int]:
    import n.o
y: dict[str, int] = {}
