# needs: rollback
# expected: by hand
# What a block prints is written when it commits, and not at all when it is rolled back.
import sys
from transaction import atomic
class Undo(Exception): pass
print("before")
with atomic:
    print("committed", end=" ")
    sys.stdout.write("together\n")
try:
    with atomic:
        print("never seen")
        raise Undo
except Undo:
    print("after")
with atomic:
    print("outer")
    try:
        with atomic:
            print("inner, never seen")
            raise Undo
    except Undo:
        print("still outer")
