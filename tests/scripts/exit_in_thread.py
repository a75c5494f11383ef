# SystemExit in a thread ends that thread only.
import threading, sys
def f():
    print("in thread")
    sys.exit(9)
t = threading.Thread(target=f)
t.start(); t.join()
print("main goes on")
