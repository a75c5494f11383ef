# Readers of a growing and shrinking dict never miss a key that is always there.
from _together import together, ROUNDS
d = {"fixed": "value", 0: "zero"}
stop = []
def churn():
    for _ in range(4):
        for k in range(1, ROUNDS): d[k] = k
        for k in range(1, ROUNDS): del d[k]
    stop.append(1)
def read():
    n = 0
    while not stop or n == 0:
        assert d["fixed"] == "value" and d.get(0) == "zero" and "fixed" in d and "missing" not in d
        v = d.get(50)
        assert v is None or v == 50
        n += 1
together(churn, read, read)
assert d == {"fixed": "value", 0: "zero"}
print("ok")
