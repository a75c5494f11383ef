# expected: by hand
# range.
r = range(2, 20, 3)
print(r, list(r), len(r), r[0], r[-1], r[1:4], r[::-1], list(r[::-2]), 5 in r, 6 in r, 5.0 in r, "x" in r, r.index(8), r.count(8), r.count(9), r.start, r.stop, r.step)
print(range(5), range(0), list(range(5, 0, -2)), range(3) == range(0, 3), range(0) == range(2, 2), range(0, 3, 2) == range(0, 4, 2), hash(range(3)) == hash(range(0, 3, 1)), len(range(10**18)), range(10**20)[10**19], bool(range(0)), 10**25 in range(10**30))
print(list(reversed(range(4))), range(10)[2:8:2], range(10)[-3:], max(range(5)), sum(range(101)), range(-5, 5)[3], list(range(-3, 3, 2)), range(1, 10, 100), range(True))
for bad in (lambda: range(1, 2, 0), lambda: range(1.5), lambda: range("a"), lambda: range(3)[3], lambda: range(3).index(9), lambda: range(), lambda: range(3) < range(4), lambda: len(range(10**30))):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
it = iter(range(3)); print(next(it), list(it), next(it, "end"))
print([i for i in range(3) for j in range(i)], list(range(2**63 - 1, 2**63 + 2)), list(range(2**70, 2**70 + 3)), range(2**70, 2**70 + 10, 4)[-1])
for i in range(3):
    i = 100
print(i, range(0, 10, 3).__reduce__()[1])
try:
    range(3).start = 5
except AttributeError as e:
    print(e)
