"""A thread that writes to a full pipe keeps no other from reading it, whatever the reader does first."""
import gc
import os
from _together import ROUNDS, together

LINES = max(ROUNDS // 4, 40)
LINE = b"x" * 4999 + b"\n"
source, sink = os.pipe()


class Kind:
    pass


def write():
    with os.fdopen(sink, "wb") as out:
        for _ in range(LINES):
            # More than the buffer holds: the commit of this block writes.
            out.write(LINE)


def read():
    left = LINES * len(LINE)
    turn = 0
    while left:
        turn += 1
        if turn % 8 == 1:
            # Both stop the world.
            gc.collect()
            Kind.__len__ = lambda self: turn
        data = os.read(source, 20000)
        assert data, "the writer has ended too early"
        assert not data.strip(b"x\n")
        left -= len(data)


together(write, read)
print("ok")
