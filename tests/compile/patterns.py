def f(v):
    match v:
        case 1 | "a" | None:
            return 1
        case [x, y, *rest] if x:
            return rest
        case [_, *_, last]:
            return last
        case {"k": 1, **more}:
            return more
        case Point(0, y=Inner(z) as w):
            return z, w
        case (1, a) | [a, 2]:
            return a
        case mod.CONST:
            pass
        case -1 | 2.5 | 1+2j:
            pass
        case other:
            return other
