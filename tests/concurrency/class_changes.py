# Classes, functions and globals changed while others use them: each call sees the old or the new, never neither.
from _together import together, ROUNDS
class C:
    def m(self): return 0
    v = 0
def f(): return 0
g, stop, o = 0, [], C()
def change():
    global f, g
    for k in range(ROUNDS // 4):
        C.m = lambda self, k=k: k
        C.v = k
        def f(k=k): return k
        g = k
        setattr(C, f"extra{k}", k)
    stop.append(1)
def use():
    last = [0, 0, 0, 0]; n = 0
    while not stop or n == 0:
        now = [o.m(), o.v, f(), g]
        assert all(a >= b for a, b in zip(now, last)), (now, last)
        last = now; n += 1
together(change, use, use)
assert [o.m(), o.v, f(), g] == [ROUNDS // 4 - 1] * 4
print("ok")
