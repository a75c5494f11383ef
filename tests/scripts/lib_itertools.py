# itertools.
from itertools import *
L = list
print(L(islice(count(5, 2), 3)), L(islice(cycle("ab"), 5)), L(repeat("x", 3)), L(islice(repeat(1), 2)), L(accumulate([1, 2, 3])), L(accumulate([1, 2, 3], lambda a, b: a * b, initial=10)), L(batched("abcdefg", 3)))
print(L(chain("ab", [1])), L(chain.from_iterable(["ab", "c"])), L(compress("abcd", [1, 0, 1, 0])), L(dropwhile(lambda x: x < 3, [1, 3, 2])), L(takewhile(lambda x: x < 3, [1, 3, 2])), L(filterfalse(None, [0, 1, 2])), L(pairwise("abc")))
print([(k, L(g)) for k, g in groupby("aabbba")], [(k, L(g)) for k, g in groupby([1, 3, 2, 4], lambda x: x % 2)], L(islice("abcdef", 1, 5, 2)), L(islice("abc", None)), L(starmap(pow, [(2, 3), (3, 2)])), L(zip_longest("ab", [1], fillvalue="-")))
print(L(product("ab", [1, 2])), L(product([0, 1], repeat=2)), L(permutations("abc", 2)), L(permutations([1, 2])), L(combinations("abc", 2)), L(combinations_with_replacement("ab", 2)), L(product()), L(permutations([], 0)), L(combinations([1], 2)))
a, b = tee([1, 2, 3]); print(next(a), L(b), L(a))
a, b, c = tee(iter("xy"), 3); print(L(zip(a, b, c)))
print(L(islice(count(2.5, 0.5), 3)), next(count(-1)), L(islice(count(2**63), 2)), sum(1 for _ in permutations(range(6))), L(accumulate("abc")), L(accumulate([])), count(1), repeat(5, 2), repeat("a").__next__())
for bad in (lambda: islice([1], -1), lambda: L(batched([1], 0)), lambda: L(batched("ab", 3, strict=True)), lambda: repeat(), lambda: combinations([1], -1), lambda: L(starmap(pow, [1])), lambda: tee([1], -1), lambda: product(repeat=-1)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
g = groupby("aab"); k1, g1 = next(g); k2, g2 = next(g); print(k1, L(g1), k2, L(g2))
it = iter(range(10)); print(L(islice(it, 3)), next(it), L(takewhile(lambda x: x < 6, it)), next(it))
