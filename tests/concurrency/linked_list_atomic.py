# A shared sorted linked list with atomic inserts and removals.
import random, transaction
from _together import many, THREADS, ROUNDS
class Node:
    def __init__(self, v, next): self.v, self.next = v, next
head = Node(-1, None)
def insert(v):
    with transaction.atomic:
        at = head
        while at.next is not None and at.next.v < v: at = at.next
        if at.next is not None and at.next.v == v: return False
        at.next = Node(v, at.next)
        return True
def remove(v):
    with transaction.atomic:
        at = head
        while at.next is not None and at.next.v < v: at = at.next
        if at.next is None or at.next.v != v: return False
        at.next = at.next.next
        return True
def work(i):
    r, balance = random.Random(i), {}
    for _ in range(ROUNDS // 2):
        v = r.randrange(30)
        if r.random() < 0.5: balance[v] = balance.get(v, 0) + insert(v)
        else: balance[v] = balance.get(v, 0) - remove(v)
    return balance
total = {}
for b in many(work):
    for v, n in b.items(): total[v] = total.get(v, 0) + n
found, at = [], head.next
while at: found.append(at.v); at = at.next
assert found == sorted(v for v, n in total.items() if n), (found, total)
assert all(n in (0, 1) for n in total.values())
print("ok")
