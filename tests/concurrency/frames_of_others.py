# sys._current_frames() and private data reached through another thread's frame.
import sys, threading
ready, go, box = threading.Event(), threading.Event(), []
def hold():
    private = {"secret": [1, 2, 3]}
    ready.set(); go.wait()
    box.append(private["secret"])
t = threading.Thread(target=hold); t.start(); ready.wait()
frame = sys._current_frames()[t.ident]
while frame.f_code.co_name != "hold": frame = frame.f_back
seen = frame.f_locals["private"]
assert seen == {"secret": [1, 2, 3]}
seen["secret"].append(4)
go.set(); t.join()
assert box[0] == [1, 2, 3, 4] and box[0] is seen["secret"]
print("ok")
