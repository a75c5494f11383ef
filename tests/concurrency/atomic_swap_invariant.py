# Several structures kept in step by atomic blocks, read by atomic blocks.
import transaction
from _together import together, ROUNDS
d, order, index, stop = {}, [], {}, []
def add(i):
    for k in range(ROUNDS // 2):
        with transaction.atomic:
            index[i, k] = len(order)
            order.append((i, k)); d[i, k] = len(order)
def drop():
    for _ in range(ROUNDS // 4):
        with transaction.atomic:
            if order:
                last = order.pop(); del d[last], index[last]
    stop.append(1)
def check():
    n = 0
    while not stop or n == 0:
        with transaction.atomic:
            assert len(d) == len(order) == len(index)
            for at, key in enumerate(order[-5:], max(0, len(order) - 5)): assert index[key] == at and d[key] == at + 1
        n += 1
together(lambda: add(0), lambda: add(1), drop, check)
assert len(d) == len(order) == len(index) and all(order[index[k]] == k for k in index)
print("ok")
