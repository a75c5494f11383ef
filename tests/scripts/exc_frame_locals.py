# The frames of a traceback know their variables, while they run and after an exception has left them.
import traceback

def inner(n):
    doubled = n * 2
    def cell(): return doubled
    raise ValueError(n)

def outer(n):
    name = "outer"
    inner(n + 1)

try:
    outer(3)
except ValueError as e:
    tb = e.__traceback__
    print(tb.tb_frame.f_locals is globals(), tb.tb_frame.f_code.co_name)
    tb = tb.tb_next
    print(sorted(tb.tb_frame.f_locals.items()))
    tb = tb.tb_next
    print({k: v for k, v in sorted(tb.tb_frame.f_locals.items()) if k != "cell"})
    print(tb.tb_frame is tb.tb_frame)
    traceback.clear_frames(e.__traceback__)
    print(tb.tb_frame.f_locals)

def catches(n):
    before = n
    try:
        inner(n)
    except ValueError as e:
        after = "set later"
        return sorted(k for k in e.__traceback__.tb_frame.f_locals)
print(catches(1))

def generator():
    item = "a"
    yield item
    item = "b"
    raise KeyError(item)
try:
    for _ in generator(): pass
except KeyError as e:
    print(e.__traceback__.tb_next.tb_frame.f_locals)

class Summary(Exception): pass
def deep(n):
    if n == 0: raise Summary
    deep(n - 1)
try:
    deep(3)
except Summary as e:
    summary = traceback.StackSummary.extract(traceback.walk_tb(e.__traceback__), capture_locals=True)
    print([frame.locals for frame in summary][1:])
try:
    class Body:
        attribute = 1
        raise TypeError
except TypeError as e:
    print(e.__traceback__.tb_next.tb_frame.f_locals["attribute"])
