# Two threads alternate with events.
import threading
from _together import together, ROUNDS
a, b, log = threading.Event(), threading.Event(), []
def ping():
    for _ in range(ROUNDS // 2): log.append("ping"); b.set(); a.wait(); a.clear()
def pong():
    for _ in range(ROUNDS // 2): b.wait(); b.clear(); log.append("pong"); a.set()
together(ping, pong)
assert log == ["ping", "pong"] * (ROUNDS // 2)
print("ok")
