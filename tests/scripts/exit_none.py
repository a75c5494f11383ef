# sys.exit() is success; finally and atexit run.
import sys, atexit
atexit.register(print, "atexit 1")
@atexit.register
def second(): print("atexit 2 runs first")
try:
    sys.exit()
finally:
    print("finally")
