"""Who gives up learns which lines were in each other's way. # needs: rollback"""
import threading
import time
import transaction
from transaction import Aborted, Place, atomic
from _together import ROUNDS


class Box:
    pass


box = Box()
box.n = 0
total = [0]
stop = []


def line_of(text):
    with open(__file__) as file:
        return next(i for i, line in enumerate(file, 1) if line.strip().startswith(text))


def write():
    while not stop:
        box.n += 1
        time.sleep(0.0002)


def look():
    with atomic(retry="giveup:3"):
        seen = box.n
        until = transaction.time() + 0.002
        while transaction.time() < until:
            pass
        total[0] = seen


thread = threading.Thread(target=write)
thread.start()
caught = []
for _ in range(min(ROUNDS, 40)):
    try:
        look()
    except Aborted as error:
        caught.append(error)
stop.append(1)
thread.join()
inside = range(line_of("with atomic"), line_of("total[0] =") + 1)
writes = Place(__file__, line_of("box.n += 1"), "write")
for error in caught:
    assert error.attempts == 3 and error.elapsed >= error.lost >= 0, vars(error)
    assert error.here is None or error.here.filename == __file__ and error.here.line in inside, error.here
    if error.other is not None and error.cause != "chaos" and error.object == "Box":
        assert error.other == writes and str(error.other) in str(error), (error, error.other)
print("ok")
