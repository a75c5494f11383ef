"""An error that is met when a block's output is written, after its commit, is raised once by the next call, also if that call's
block is rolled back. # needs: rollback"""
import os
import transaction
from _together import ROUNDS

for _ in range(ROUNDS // 4 + 1):
    source, sink = os.pipe()
    os.close(source)
    out = os.fdopen(sink, "wb")
    with transaction.atomic:
        out.write(b"x")
        out.flush()
    raised = 0
    for _ in range(3):
        with transaction.atomic:
            try:
                out.write(b"")
                out.write(b"y")
            except BrokenPipeError:
                raised += 1
    assert raised == 1, raised
    try:
        out.close()
    except BrokenPipeError:
        pass
print("ok")
