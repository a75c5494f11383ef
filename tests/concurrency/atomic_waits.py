# needs: rollback
# Inside an atomic block, a wait for a lock, a queue or a flag is a retry: nothing deadlocks, nothing is half done.
import threading, queue, transaction
from _together import together, ROUNDS
lock, q, log, n = threading.Lock(), queue.Queue(), [], ROUNDS // 10
def holder():
    for k in range(n):
        with lock: log.append("held"); log.append("released")
        q.put(k)
def waiter():
    for k in range(n):
        with transaction.atomic:
            got = q.get()
            with lock: log.append(("atomic", got)); log.append(("atomic", got))
        assert got == k
together(holder, waiter)
plain = [x for x in log if isinstance(x, str)]
assert plain == ["held", "released"] * n
pairs = [x for x in log if not isinstance(x, str)]
assert pairs == [("atomic", k) for k in range(n) for _ in range(2)]
for a, b in zip(log, log[1:]):
    if a == "held": assert b == "released"
print("ok")
