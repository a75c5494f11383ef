# Chains evaluate each operand once and stop at the first false one.
def show(x):
    print("see", x)
    return x
print(show(1) < show(2) < show(3))
print(show(3) < show(2) < show(1))
print(1 < 2 > 1 != 0 == 0, 1 == 1.0 == True, 1 < 3 < 2, 1 in [1] in [[1]])
print(None is None is not True, "a" < "b" <= "b", not 1 < 2)
print([1, 2] < [1, 3], (1, 2) < (1, 2, 0), [] < [0], "Z" < "a", b"a" < b"b")
print(1 < 2.5, 2**70 < 1e30, 2**53 + 1 > 2.0**53, float("nan") == float("nan"), float("inf") > 10**400)
for left, right in ((1, "a"), ([], ()), (None, 0), (1j, 2)):
    try:
        left < right
    except TypeError as e:
        print(e)
