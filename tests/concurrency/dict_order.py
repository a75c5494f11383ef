# needs: rollback
# A dict and a list that get the same keys in the same blocks hold them in the same order: that of the commits.
import random
import transaction
from _together import many, ROUNDS

d = {k: None for k in range(40)}
l = list(d)


def work(index):
    draw = random.Random(index)
    for n in range(ROUNDS):
        key = (index, n)
        with transaction.atomic:
            what = draw.randrange(8)
            if what == 0 and d:
                assert d.popitem()[0] == l.pop()
            elif what == 1 and d:
                first = next(iter(d))
                assert first == l[0]
                del d[first]
                del l[0]
            elif what == 2:
                assert list(d) == l
                assert list(reversed(d)) == l[::-1]
            else:
                d[key] = None
                for _ in range(draw.randrange(30)):
                    pass
                l.append(key)


many(work)
assert list(d) == l, (list(d), l)
d[-1] = None
l.append(-1)
assert [k for k in d] == l
print("ok")
