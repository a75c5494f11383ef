"""A signal's handler that waits for a lock while `transaction.retry()` sleeps leaves the block as atomic as it was.
# needs: rollback"""
import signal
import threading
import time
import transaction

lock = threading.Lock()
items = []
handled = []


def handler(number, frame):
    with lock:
        handled.append(len(items))


def other():
    with lock:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        time.sleep(0.15)
    time.sleep(0.15)
    items.append(1)


signal.signal(signal.SIGALRM, handler)
thread = threading.Thread(target=other)
thread.start()
try:
    with transaction.atomic:
        if not items:
            transaction.retry()
        assert transaction.is_atomic()
        items.append(2)
        raise KeyError
except KeyError:
    pass
thread.join()
assert handled == [0], handled
assert items == [1], items
print("ok")
