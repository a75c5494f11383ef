# The interpreter waits for threads that are no daemons.
import threading
go = threading.Event()
def f():
    go.wait()
    print("thread finishes")
threading.Thread(target=f).start()
threading.Thread(target=threading.Event().wait, daemon=True).start()
print("main done")
go.set()
