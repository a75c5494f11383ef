"""All threads read one value from one shared dict."""
from _bench import measure, rounds
ROUNDS = rounds(25_000_000)
shared = {"a": 1, "key": "value", "z": 2}
def work(index):
    d = shared
    for _ in range(ROUNDS): d["key"]
measure(work)
