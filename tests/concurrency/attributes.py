# Instance attributes: disjoint ones stay apart, shapes grow in every order, pairs stay together under atomic.
import transaction
from _together import many, together, THREADS, ROUNDS
class Thing: pass
t = Thing()
def own(i):
    for k in range(ROUNDS):
        setattr(t, f"a{i}", k)
        assert getattr(t, f"a{i}") == k
        if k % 20 == 19:
            delattr(t, f"a{i}")
            assert not hasattr(t, f"a{i}")
    setattr(t, f"a{i}", "end")
many(own)
assert vars(t) == {f"a{i}": "end" for i in range(THREADS)}, vars(t)
fresh = [Thing() for _ in range(50)]
def shape(i):
    for o in fresh:
        for n in ("xyzw" if i % 2 else "wzyx"): setattr(o, n, n)
many(shape)
assert all(vars(o) == dict(x="x", y="y", z="z", w="w") for o in fresh)
p = Thing(); p.a = p.b = 0
def both(_):
    for _ in range(ROUNDS):
        with transaction.atomic: p.a += 1; p.b -= 1
def look():
    for _ in range(ROUNDS):
        with transaction.atomic: a, b = p.a, p.b
        assert a == -b, (a, b)
together(lambda: both(0), lambda: both(1), look)
assert p.a == 2 * ROUNDS
print("ok")
