"""A signal's handler starts the first thread while the main thread waits for what that thread will do."""
import _thread
import signal
import time
import transaction

lock = _thread.allocate_lock()
lock.acquire()
started = []


def release():
    # What needs the right to be irrevocable.
    time.sleep(0.01)
    with transaction.atomic:
        started.append(1)
    time.sleep(0.01)
    lock.release()


def handler(number, frame):
    _thread.start_new_thread(release, ())


signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.05)
lock.acquire()
assert started == [1]
print("ok")
