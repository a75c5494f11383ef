# A fresh object is complete when another thread first sees it: everything it reaches, too.
from _together import together, ROUNDS
class Node:
    def __init__(self, n):
        self.n, self.items, self.d, self.next = n, [n] * 5, {"n": n, "deep": ([n], {n})}, None
box = {"node": None}; class_box = type("C", (), {"node": None}); cell = [None]; stop = []
def publish():
    for k in range(ROUNDS * 3):
        node = Node(k); node.next = Node(-k); node.fn = lambda: k
        if k % 3 == 0: box["node"] = node
        elif k % 3 == 1: cell[0] = node
        else: class_box.node = node
    stop.append(1)
def read():
    n = 0
    while not stop or n == 0:
        for node in (box["node"], cell[0], class_box.node):
            if node is not None:
                k = node.n
                assert node.items == [k] * 5 and node.d["n"] == k and node.d["deep"] == ([k], {k}), k
                assert node.next.n == -k and node.next.items[4] == -k
        n += 1
together(publish, read, read)
print("ok")
