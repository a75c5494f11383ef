# list methods and slices.
l = [3, 1, 2]
l.append(4); l.extend((5, 6)); l.extend("ab"); l.insert(0, "first"); l.insert(100, "last"); l.insert(-1, "before last")
print(l, len(l), l.index(2), l.count(3), l.pop(), l.pop(0), l.pop(-2))
l.remove("before last"); l.reverse(); print(l)
l.clear(); print(l, list(), list("abc"), list(range(3)), list({"k": 1}), [1] * 3, 2 * [0, 1], [1] + [2], [] or "empty")
l = list(range(10))
print(l[2:5], l[:3], l[-3:], l[::2], l[::-1], l[8:2:-2], l[100:], l[-100:2], l[5:2], l[:], l[-1], l[0:10:3], l[-2::-3])
l[2:4] = "xyz"; print(l)
l[:2] = []; print(l)
l[::2] = range(len(l[::2])); print(l)
l[1:1] = [7, 7]; l[len(l):] = [9]; del l[0]; del l[1:3]; del l[::3]; print(l)
l[-1] = "end"; l += (1,); l += "z"; l *= 2; print(l)
for bad in (lambda: [][0], lambda: [].pop(), lambda: [1].pop(5), lambda: [1].remove(2), lambda: [1] + (2,), lambda: l["a"], lambda: l[1.0], lambda: l.__setitem__(slice(0, 4, 2), [1]), lambda: l.__setitem__(999, 1), lambda: [1] * 1.5, lambda: list(5), lambda: [3, "a"].sort(), lambda: hash([]), lambda: l[::0], lambda: [1].extend(5)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
print([1, 2] == [1, 2], [1, 2] < [1, 3], [1] < [1, 0], [2] > [1, 9], [] < [1], [1, [2, 3]] == [1, [2, 3]], [1] != (1,), 1 in [1.0], [1, 2].index(2, 1), [1, 2, 1].index(1, 1, 3))
a = [[0] * 2] * 2; a[0][0] = 1; print(a)
c = [[1], 2]; d = c.copy(); d[0].append(9); d[1] = 3; print(c, d)
l = [1, 2, 3]; l[1:2] = l; print(l)
l.extend(l); print(l)
l = l[:0] + [1]; l.append(l); print(l, l == l)
print([*[1], *(2,)], [x for x in [1, 2] if x > 1], sum([[1], [2]], []), list(zip([1, 2], "ab")), list(map(str, [1])), list(enumerate("a", 5)), list(reversed([1, 2])), [3, 1, 2].__len__())
big = list(range(1000)); del big[10:990]; print(big); big[5:5] = range(3); print(len(big), big[4:9])
while l: l.pop()
print(l, [None] * 3, [[]] * 2, [(), [], {}], [1, 2, 3][True], bool([]), bool([0]))
