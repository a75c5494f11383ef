# tuple.
t = (1, 2, 3, 2)
print(t, t[0], t[-1], t[1:3], t[::-1], len(t), t.count(2), t.index(2), t.index(2, 2), t + (4,), t * 2, 2 in t, (), (1,), tuple(), tuple("ab"), tuple([1, 2]), 1 in (), t[5:])
print((1, 2) == (1, 2), (1, 2) < (1, 3), (1,) < (1, 0), () < (0,), (1, "a") == (1, "a"), (1,) == [1], hash((1, 2)) == hash((1, 2)), {(1, 2): "k"}[1, 2], (1, (2, [3])))
a, b, *c = t; print(a, b, c)
(a, b), c = (1, 2), 3; print(a, b, c)
a, b = b, a; print(a, b)
for bad in (lambda: t[9], lambda: t + [1], lambda: t.index(9), lambda: hash(([],)), lambda: t["a"], lambda: tuple(5), lambda: t < 5):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
try:
    t[0] = 1
except TypeError as e:
    print(e)
try:
    del t[0]
except TypeError as e:
    print(e)
print(t is tuple(t), t is t[:], repr((1,)), str(("a", None)), max(t), sum(t), sorted(t, reverse=True), list(zip(t, t)))
x = ([],); x[0].append(1); print(x)
print(hash((1, 2, 3)) != hash((3, 2, 1)), ((1, 2), 3) == ((1, 2), 3), (1, 2) > (1,), (0.0,) == (False,), float("nan") == float("nan"))
print(*(1, 2), (yield_ := (1, 2))[0], tuple(x for x in range(3)), tuple({"a": 1}.items()), (1, 2).__len__(), (1, 2).__contains__(2), bool(()), bool((0,)))
