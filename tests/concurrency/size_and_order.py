# Those who look at a container's size or order conflict with those who change it.
import transaction
from _together import many, ROUNDS
d, s, l = {}, set(), []
def add(i):
    for k in range(ROUNDS):
        with transaction.atomic:
            n = len(d)
            d[n] = i
            assert len(d) == n + 1 and list(d)[-1] == n
        with transaction.atomic:
            n = len(s)
            assert n not in s
            s.add(n)
        with transaction.atomic:
            l.append(len(l))
threads = len(many(add))
assert list(d) == list(range(threads * ROUNDS))
assert s == set(range(threads * ROUNDS)) and l == sorted(s)
print("ok")
