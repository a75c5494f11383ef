# A key that was looked for and not found is part of what a block has read.
import transaction
from _together import many, THREADS, ROUNDS
d, s, class_ns = {}, set(), type("C", (), {})
won = [[] for _ in range(THREADS)]
def claim(i):
    for k in range(ROUNDS):
        with transaction.atomic:
            if k not in d:
                d[k] = i
                won[i].append(("d", k))
        with transaction.atomic:
            if k not in s:
                s.add(k)
                won[i].append(("s", k))
        with transaction.atomic:
            if d.get(-k - 1) is None:
                d[-k - 1] = i
                won[i].append(("g", k))
many(claim)
claims = [c for w in won for c in w]
assert len(claims) == len(set(claims)) == 3 * ROUNDS, len(claims)
print("ok")
