"""Times one piece of work, done by every thread at once.

KEELBACK_THREADS says how many threads (default 1); BENCH_SCALE multiplies the rounds (default 1). With one thread the
work runs in the main thread, so that the comparison is with a program that never starts another. Prints the seconds
from the common start to the last end.
"""

import os
import threading
import time

THREADS = int(os.environ.get("KEELBACK_THREADS", "1"))
SCALE = float(os.environ.get("BENCH_SCALE", "1"))


def rounds(count):
    """The number of rounds at the scale asked for, at least one."""
    return max(1, int(count * SCALE))


def measure(work):
    """Runs `work(index)` in every thread and prints how long that took."""
    if THREADS == 1:
        start = time.perf_counter()
        work(0)
        print(time.perf_counter() - start)
        return
    begin = threading.Barrier(THREADS + 1)
    raised = []

    def run(index):
        begin.wait()
        try:
            work(index)
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(THREADS)]
    for thread in threads:
        thread.start()
    begin.wait()
    start = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    if raised:
        raise raised[0]
    print(seconds)
