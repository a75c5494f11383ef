# needs: rollback
# expected: by hand
# The transaction module in one thread: rolling back, nesting, decorators.
import transaction
from transaction import atomic, is_atomic
class Undo(Exception): pass
class Box: pass
l, d, s, b = [1, 2], {"a": 1}, {1}, Box()
b.x, n = 1, 0
try:
    with atomic:
        l.append(3); l[0] = 9; l.sort(reverse=True); d["b"] = 2; d["a"] = 0; s.add(2); b.x = 5; b.y = 6; n = 1
        del d["a"]
        print("never seen")
        raise Undo(f"inside {l} {d} {sorted(s)} {vars(b)} {is_atomic()}")
except Undo as e:
    print("outside", l, d, s, vars(b), is_atomic(), e)
with atomic:
    l.append(4)
    try:
        with atomic:
            l.append("gone"); d.clear()
            raise Undo
    except Undo:
        pass
    with atomic: l.append(5)
print(l, d)
try:
    with atomic:
        with atomic: l.append("inner committed, outer not")
        raise Undo
except Undo:
    print(l)
try:
    with atomic(rollback=False):
        l.append("stays")
        raise Undo
except Undo:
    print(l.pop())
@atomic
def f(x, *, y=1):
    "doc"
    l.append(x)
    if y: raise Undo
    return is_atomic(), x
print(f(7, y=0), f.__name__, f.__doc__, l.pop())
try:
    f(8)
except Undo:
    print(l)
def early():
    for i in range(3):
        with atomic:
            l.append(i)
            if i == 0: continue
            if i == 1: return "returned"
print(early(), l)
def gen():
    with atomic:
        l.append("in generator")
    yield is_atomic()
print(list(gen()), l)
transaction.hint_commit_soon()
print(issubclass(transaction.Aborted, Exception), is_atomic())
class C:
    @atomic
    def m(self, v): self.v = v; return self
print(C().m(3).v)
try:
    transaction.retry()
except RuntimeError:
    print("retry outside an atomic block is an error")
