"""A policy may be a callable: it is told of each abort, and what it returns is done. # needs: rollback"""
import threading
from transaction import Abort, Aborted, RetryPolicy, atomic, retry, set_retry_policy
from _together import ROUNDS, many

counter = [0]


def work(index):
    told = []
    built_in = RetryPolicy("backoff")

    def policy(abort):
        assert abort.attempt == len(told) + 1 and abort.cause
        told.append(abort.attempt)
        if index == 0:
            return "giveup" if abort.attempt > 2 else built_in(abort)
        return [None, "retry", "wait", "shrink", 1e-6, "irrevocable"][min(abort.attempt, 5)]

    done = 0
    for _ in range(ROUNDS):
        told.clear()
        try:
            with atomic(retry=policy, name="work"):
                counter[0] += 1
                for _ in range(20):
                    pass
            done += 1
        except Aborted as error:
            assert index == 0 and error.attempts == len(told) == 3, (index, error.attempts, told)
    return done


assert sum(many(work)) == counter[0]


# What is no decision is an error, raised where the block begins; so is what the policy raises.
def spoil(policy, expected):
    stop = []

    def disturb():
        while not stop:
            with atomic:
                counter[0] += 1

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        for _ in range(ROUNDS // 4):
            with atomic(retry=policy):
                counter[0] += 1
                for _ in range(5):
                    pass
                counter[0] += 1
    except expected:
        return
    finally:
        stop.append(1)
        thread.join()
    # It may never have been asked, where nothing conflicts.


spoil(lambda abort: "nonsense", ValueError)
spoil(lambda abort: [], TypeError)
spoil(lambda abort: -1, ValueError)
spoil(lambda abort: {}["x"], KeyError)

for wrong, error in ((3, TypeError), ("x", ValueError)):
    for use in (set_retry_policy, lambda p: atomic(retry=p)):
        try:
            use(wrong)
        except error:
            pass
        else:
            assert False

# For the process.
asked = []


def ask(abort):
    asked.append(abort.attempt)
    return "retry" if abort.attempt < 5 else "irrevocable"


set_retry_policy(ask)
counter[0] = 0


def count(index):
    for _ in range(ROUNDS):
        with atomic:
            counter[0] += 1


many(count)
assert counter == [4 * ROUNDS]
set_retry_policy("default")
set_retry_policy(None)

# Time runs out.
try:
    with atomic(deadline=0.01):
        counter[0] = 7
        if len(asked) > -1:
            retry()
except Aborted as error:
    assert error.cause == "deadline"
else:
    assert False
assert counter == [4 * ROUNDS]
assert RetryPolicy("giveup:2")(Abort(2)) == "giveup" and RetryPolicy()(Abort(99)) == "irrevocable"
print("ok")
