# Objects moved between shared lists, private on the way: never in two places, never lost.
import random, transaction
from _together import many, THREADS, ROUNDS
class Item:
    def __init__(self, n): self.n, self.hops = n, 0
rooms = [[Item(i * 10 + k) for k in range(10)] for i in range(4)]
def move(i):
    r = random.Random(i)
    for _ in range(ROUNDS):
        a, b = r.randrange(4), r.randrange(4)
        with transaction.atomic:
            if rooms[a]:
                item = rooms[a].pop(r.randrange(len(rooms[a])))
                item.hops += 1
                rooms[b].append(item)
many(move)
items = [x for room in rooms for x in room]
assert sorted(x.n for x in items) == list(range(40))
assert sum(x.hops for x in items) <= THREADS * ROUNDS
print("ok")
