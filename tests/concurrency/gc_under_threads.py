# Collections while others build and take apart linked data.
import gc
from _together import together, ROUNDS
class Node:
    __slots__ = ("v", "next")
    def __init__(self, v, next): self.v, self.next = v, next
shared, stop = {"head": None}, []
def build():
    for k in range(ROUNDS): shared["head"] = Node(k, shared["head"])
    stop.append(1)
def walk():
    n = 0
    while not stop or n == 0:
        node, last = shared["head"], None
        while node is not None:
            assert last is None or node.v == last - 1
            last, node = node.v, node.next
        n += 1
def collect():
    while not stop: gc.collect()
together(build, walk, collect)
node, count = shared["head"], 0
while node: node, count = node.next, count + 1
assert count == ROUNDS
print("ok")
