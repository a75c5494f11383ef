# Iterating over a dict that others change ends in RuntimeError or in a consistent pass; copies are whole.
from _together import together, ROUNDS
d = {i: i for i in range(20)}
stop = []
def change():
    for k in range(ROUNDS):
        d[100 + k] = 100 + k
        del d[100 + k]
    stop.append(1)
def update():
    for k in range(ROUNDS):
        d[k % 20] = k % 20
def read():
    passes = 0
    while not stop or passes == 0:
        try:
            for k, v in d.items(): assert k == v, (k, v)
        except RuntimeError:
            pass
        copy = dict(d)
        assert set(range(20)) <= set(copy) and len(copy) in (20, 21), copy
        assert all(k == v for k, v in copy.items())
        keys = list(d)
        assert len(keys) == len(set(keys)) and len(keys) in (20, 21)
        passes += 1
together(change, update, read)
assert d == {i: i for i in range(20)}
print("ok")
