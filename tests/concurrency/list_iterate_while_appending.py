# An iteration sees a prefix of what is appended, in order, never a torn element.
from _together import together, ROUNDS
l, stop = [(0, 0)], []
def grow():
    for k in range(1, ROUNDS * 5): l.append((k, -k))
    stop.append(True)
def read():
    seen = 0
    while not stop or seen == 0:
        expected = 0
        for a, b in l:
            assert a == expected and b == -a, (a, b, expected)
            expected += 1
            if expected > ROUNDS * 10: break
        assert l[len(l) // 2][0] == -l[len(l) // 2][1]
        seen += 1
together(grow, read, read)
assert len(l) == ROUNDS * 5
print("ok")
