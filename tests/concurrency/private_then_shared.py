# Objects read and written while private, published later in the same block or iteration, then changed by others.
import transaction
from _together import together, ROUNDS
class Node:
    def __init__(self): self.n, self.items = 0, []
inbox, counts = [], {"made": 0, "seen": 0}
stop = []
def make():
    for k in range(ROUNDS):
        node = Node()
        for i in range(5): node.n += i; node.items.append(i)
        with transaction.atomic:
            assert node.n == 10 and node.items == [0, 1, 2, 3, 4]
            node.n += 1
            inbox.append(node)
            node.n += 1
            node.items.append(node.n)
            counts["made"] += 1
        with transaction.atomic:
            node.n += 100
    stop.append(1)
def use():
    while not stop or inbox:
        with transaction.atomic:
            if not inbox: continue
            node = inbox.pop()
            assert node.items == [0, 1, 2, 3, 4, 12] and node.n in (12, 112), (node.n, node.items)
            node.n += 1000
            node.items.append("used")
            counts["seen"] += 1
        done.append(node)
done = []
together(make, use, use)
assert counts == {"made": ROUNDS, "seen": ROUNDS} and len(set(map(id, done))) == ROUNDS
assert all(node.n == 1112 and node.items[-1] == "used" for node in done)
print("ok")
