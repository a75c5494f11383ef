"""Calls that wait for a block's fate are made once, also if the block runs many times. # needs: rollback"""
import transaction
from transaction import atomic, on_abort, on_commit
from _together import ROUNDS, many

counter = [0]


def work(index):
    calls = []
    for n in range(ROUNDS):
        fails = n % 3 == 0
        try:
            with atomic:
                counter[0] += 1
                on_commit(lambda: calls.append((n, "commit")))
                on_abort(lambda: calls.append((n, "abort")))
                try:
                    with atomic:
                        on_commit(lambda: calls.append((n, "never")))
                        on_abort(lambda: calls.append((n, "inner")))
                        raise KeyError
                except KeyError:
                    pass
                assert not calls or calls[-1][0] < n
                if fails:
                    raise ValueError
        except ValueError:
            pass
        assert calls[-2:] == [(n, "abort" if fails else "commit"), (n, "inner")], calls[-3:]
    assert len(calls) == 2 * ROUNDS
    return sum(kind == "commit" for _, kind in calls)


assert sum(many(work)) == counter[0]

# Outside of a block what is done is done.
calls = []
on_commit(lambda: calls.append(1))
on_abort(lambda: calls.append(2))
assert calls == [1]


# All are called; the block stays committed.
def bad():
    raise ValueError("late")


try:
    with atomic:
        counter[0] = -1
        on_commit(bad)
        on_commit(lambda: calls.append(3))
except ValueError as error:
    assert error.args == ("late",)
else:
    assert False
assert calls == [1, 3] and counter == [-1]
for wrong in (None, 1):
    try:
        on_commit(wrong)
    except TypeError:
        pass
    else:
        assert False
assert not transaction.is_atomic()
print("ok")
