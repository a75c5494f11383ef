# keys(), values(), items(): live, set operations.
d = {"a": 1, "b": 2}
k, v, i = d.keys(), d.values(), d.items()
d["c"] = 3
print(k, v, i, len(k), len(v), len(i), "c" in k, 3 in v, ("c", 3) in i, ("c", 4) in i, list(k), sorted(i))
print(sorted(k & {"a", "z"}), sorted(k | {"z"}), sorted(k - {"a"}), sorted(k ^ {"a", "z"}), sorted(i & {("a", 1)}), sorted(["a", "q"] & k), sorted({"a", "x"} - k), k.isdisjoint({"q"}))
print(k == {"a", "b", "c"}, k >= {"a"}, k < {"a", "b", "c", "d"}, i == {("a", 1), ("b", 2), ("c", 3)}, v == v, d.values() == d.values(), d.keys() == d.keys())
print(list(reversed(k)), list(reversed(v)), list(reversed(i)), k.mapping["a"], iter(k).__length_hint__(), type(k).__name__, type(iter(v)).__name__)
d.clear(); print(k, len(i), bool(k), {}.items(), [*{"x": 1}.values()])
try:
    k[0]
except TypeError as e:
    print(e)
try:
    hash(k)
except TypeError as e:
    print(e)
