# needs: rollback
# An exception rolls an atomic block back, whatever it changed; nested blocks are savepoints.
import transaction
from _together import many, ROUNDS
class Undo(Exception): pass
class Box: pass
def work(i):
    l, d, s, b = [1], {"a": 1}, {1}, Box(); b.x = 1
    for k in range(ROUNDS // 4):
        x = "outside"
        try:
            with transaction.atomic:
                l.append(k); l[0] = k; d["a"] = k; d["b"] = k; s.add(k + 5); b.x = k; b.y = k; del d["a"]
                raise Undo
        except Undo:
            pass
        assert (l, d, s, vars(b)) == ([1], {"a": 1}, {1}, {"x": 1}), (l, d, s, vars(b))
        with transaction.atomic:
            l.append("kept")
            try:
                with transaction.atomic:
                    l.append("inner"); d["inner"] = 1
                    raise Undo
            except Undo:
                pass
            assert l == [1, "kept"] and d == {"a": 1}
            l.pop()
            assert transaction.is_atomic()
        assert not transaction.is_atomic() and l == [1]
        try:
            with transaction.atomic:
                with transaction.atomic: l.append("committed inside")
                assert l[-1] == "committed inside"
                raise Undo
        except Undo: pass
        assert l == [1]
        try:
            with transaction.atomic(rollback=False):
                d["stays"] = k
                raise Undo
        except Undo: pass
        assert d.pop("stays") == k
        @transaction.atomic
        def f(n): l.append(n); return n
        assert f(3) == 3 and l.pop() == 3
        with transaction.atomic: transaction.hint_commit_soon()
        transaction.hint_commit_soon()
many(work)
print("ok")
