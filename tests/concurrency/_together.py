"""Runs functions in threads that start at the same moment, and passes on what any of them raises."""
import os
import threading

THREADS = int(os.environ.get("THREADS", "4"))
#: How often a thread repeats its step: few enough for an unoptimised build in tiny blocks.
ROUNDS = int(os.environ.get("ROUNDS", "200"))


def together(*functions):
    """Runs each function in a thread of its own, at once; gives back their results in order."""
    start = threading.Barrier(len(functions))
    results = [None] * len(functions)
    raised = []

    def run(index, function):
        start.wait()
        try:
            results[index] = function()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=item) for item in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]
    return results


def many(function, threads=THREADS):
    """Runs `function(index)` in so many threads."""
    return together(*[lambda index=index: function(index) for index in range(threads)])
