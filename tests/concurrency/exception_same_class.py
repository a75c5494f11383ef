# Exceptions of one class raised and caught in all threads, with chaining.
from _together import many, ROUNDS
class Mine(Exception): pass
def work(i):
    for k in range(ROUNDS):
        try:
            try:
                {}[i, k]
            except KeyError as e:
                raise Mine(i, k) from e
        except Mine as m:
            assert m.args == (i, k) and m.__cause__.args == ((i, k),) and m.__context__ is m.__cause__
many(work)
print("ok")
