"""Collections that do not tie threads together: Counter, Queue, count(), threadlocalproperty."""
import time
import transaction
from queue import Empty, Full
from transaction import Counter, Queue, atomic, count, retry, stats, stmdict, stmset, threadlocalproperty
from _together import ROUNDS, many, together

counter = Counter(10)


def add(index):
    for i in range(ROUNDS):
        if i % 2:
            counter.add(3)
        else:
            with atomic:
                counter.add(5)
                counter.add(-2)
    return [count() for _ in range(ROUNDS)]


numbers = many(add)
assert counter.value == int(counter) == 10 + 3 * ROUNDS * len(numbers), counter
everything = [n for part in numbers for n in part]
assert len(set(everything)) == len(everything)

before = counter.value
try:
    with atomic:
        counter.add(1000)
        assert counter.value == before + 1000
        raise KeyError
except KeyError:
    pass
assert counter.value == before
counter.reset()
counter += 7
counter -= 2.5
assert counter.value == 4.5 and repr(counter) == "transaction.Counter(4.5)" and counter
counter.reset(-3)
assert int(counter) == -3 and not Counter()
for wrong in (lambda: Counter("3"), lambda: counter.add("3"), lambda: counter.add(None)):
    try:
        wrong()
    except TypeError:
        continue
    assert False, "no error"

# A reader sees all parts at one moment: what is moved is never seen twice, or not at all.
left, right = Counter(100), Counter(0)


def move():
    for _ in range(ROUNDS // 4):
        with atomic:
            left.add(-1)
            right.add(1)


def look():
    for _ in range(ROUNDS // 10):
        with atomic:
            assert left.value + right.value == 100


together(move, move, look)

# Waiting for a value.
reached = Counter()


def wait():
    with atomic:
        if reached.value < 10:
            retry()
    return True


def count_up():
    for _ in range(10):
        reached.add()


assert together(wait, count_up)[0]

# A queue: all that is put comes out once, in order for each producer.
queue = Queue(maxsize=3)
JOBS = ROUNDS // 4


def produce(name):
    for i in range(JOBS):
        queue.put((name, i))


def consume():
    got = []
    while True:
        item = queue.get()
        queue.task_done()
        if item is None:
            return got
        got.append(item)


def feed():
    together(lambda: produce("a"), lambda: produce("b"))
    queue.join()
    queue.put(None)
    queue.put(None)


one, two, _ = together(consume, consume, feed)
assert sorted(one + two) == [(name, i) for name in "ab" for i in range(JOBS)]
for part in one, two:
    for name in "ab":
        mine = [i for n, i in part if n == name]
        assert mine == sorted(mine)
assert queue.empty() and queue.qsize() == 0 and not queue.full()
queue.join()
for _ in range(3):
    queue.put(0)
assert queue.full()
for wrong, expected in (
    (lambda: queue.put(1, timeout=0.01), Full),
    (lambda: queue.put_nowait(1), Full),
    (lambda: Queue().get_nowait(), Empty),
    (lambda: Queue().get(timeout=0.01), Empty),
    (lambda: Queue().task_done(), ValueError),
):
    try:
        wrong()
    except expected:
        continue
    assert False, "no error"


class Parser:
    buffer = threadlocalproperty(list)
    plain = threadlocalproperty()


parser, other = Parser(), Parser()
parser.buffer.append("main")


def own(index):
    for i in range(10):
        parser.buffer.append(index)
    try:
        parser.plain
    except AttributeError:
        pass
    parser.plain = index
    result = parser.buffer, parser.plain
    del parser.buffer
    assert parser.buffer == []
    return result


assert many(own) == [([i] * 10, i) for i in range(4)]
assert parser.buffer == ["main"] and other.buffer == [] and Parser.buffer is vars(Parser)["buffer"]
assert not hasattr(parser, "plain")
tally = transaction.Counter(3)
assert tally == 3 and tally != 4 and tally == 3.0 and tally != transaction.Counter(3) and tally != 'x'
assert list(range(tally)) == [0, 1, 2] and {tally: 1}[tally] == 1
assert transaction.Aborted('own').attempts == 0
assert transaction.Queue[int].__args__ == (int,)
assert stmdict is dict and stmset is set
assert abs(transaction.time() - time.time()) < 5
print("ok")
