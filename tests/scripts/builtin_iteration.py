# enumerate, zip, map, filter, reversed, iter, next, sum, min, max, any, all, sorted.
print(list(enumerate("ab")), list(enumerate("ab", start=5)), list(zip([1, 2, 3], "ab")), list(zip()), list(zip([1])), list(zip("ab", "cd", strict=True)))
for bad in (lambda: list(zip([1], [1, 2], strict=True)), lambda: list(zip([1, 2], [1], strict=True)), lambda: list(zip([1], 5)), lambda: next(iter([])), lambda: sum(["a"]), lambda: sum(["a"], ""), lambda: min([]), lambda: max(), lambda: min(1, "a"), lambda: map(), lambda: list(map(len, 5)), lambda: reversed({1}), lambda: iter(5), lambda: max(5), lambda: enumerate(), lambda: sorted()):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
print(list(map(lambda a, b: a + b, [1, 2, 3], [10, 20])), list(map(str, range(3))), list(filter(None, [0, 1, "", "a"])), list(filter(lambda x: x > 1, [1, 2, 3])))
print(list(reversed([1, 2])), list(reversed("ab")), list(reversed(range(3))), list(reversed((1, 2))), list(reversed({"a": 1, "b": 2})))
print(next(iter([1])), next(iter([]), "d"), next(iter([]), None))
values = iter([1, 2, 0, 3])
print(list(iter(lambda: next(values), 0)), list(values))
print(sum([1, 2]), sum([], 5), sum([1.5, 2]), sum([[1], [2]], []), sum(x for x in range(4)), sum([1], start=10), sum([True, 2**70]))
print(min(3, 1), max([1, 5, 2]), min("b", "a"), max([], default="none"), min("apple", "fig", key=len), max([1, -5], key=abs), min([(2, "a"), (1, "z")]), max(1, 2.0), max(2, 2.0), min([1], [0]))
print(any([]), all([]), any([0, 1]), all([1, 0]), any(x > 2 for x in range(5)), all("abc"))
def counted():
    for i in range(5):
        print("pull", i, end=" ")
        yield i
print(any(x == 1 for x in counted()))
m = map(print, "ab"); print(next(m)); print(iter(m) is m)
z = zip(counted(), "a"); print(list(z))
print(list(map(lambda *a: a, "ab", "cd")), dict(map(lambda kv: (kv[1], kv[0]), {"a": 1}.items())), [*map(int, "123")], tuple(filter(str.isdigit, "a1b2")))
