# needs: rollback
# transaction.retry() makes a blocking queue.
import transaction
from _together import together, ROUNDS
q, out = [], []
def get():
    with transaction.atomic:
        if not q: transaction.retry()
        return q.pop(0)
def put(x):
    with transaction.atomic:
        if len(q) >= 2: transaction.retry()
        q.append(x)
def produce():
    for k in range(ROUNDS // 2): put(k)
    put(None)
def consume():
    while (x := get()) is not None: out.append(x)
together(produce, consume)
assert out == list(range(ROUNDS // 2)) and not q
print("ok")
