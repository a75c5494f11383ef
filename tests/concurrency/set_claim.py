# Exactly one thread removes each element.
from _together import many, THREADS, ROUNDS
s = set(range(ROUNDS * 2))
def claim(i):
    mine = []
    for k in range(ROUNDS * 2):
        try:
            s.remove(k)
        except KeyError:
            continue
        mine.append(k)
    return mine
got = [k for r in many(claim) for k in r]
assert sorted(got) == list(range(ROUNDS * 2)) and not s
print("ok")
