# async functions driven by hand.
class Wait:
    def __init__(self, tag): self.tag = tag
    def __await__(self):
        got = yield self.tag
        return got
async def child(n):
    a = await Wait(f"first {n}")
    b = await Wait(f"second {n}")
    return a + b
async def main():
    x = await child(1)
    try:
        y = await child(2)
    except ValueError as e:
        y = f"error {e}"
    return [x, y]
c = main()
print(c.send(None))
print(c.send(10))
print(c.send(5))
print(c.send("a"))
try:
    c.throw(ValueError("oops"))
except StopIteration as e:
    print(e.value)
c = child(3)
c.send(None)
c.close()
try:
    c.send(None)
except RuntimeError as e:
    print(e)
async def simple(): return 7
def run(coro):
    while True:
        try:
            coro.send(None)
        except StopIteration as e:
            return e.value
print(run(simple()))
async def gather():
    return [await simple() for _ in range(3)]
print(run(gather()))
async def bad():
    await 5
try:
    run(bad())
except TypeError as e:
    print(type(e).__name__)
c = simple()
try:
    for x in c: pass
except TypeError as e:
    print(e)
print(type(c).__name__, c.__name__)
c.close()
import types
@types.coroutine
def old_style():
    x = yield "from generator"
    return x
async def use_old():
    return await old_style()
c = use_old()
print(c.send(None))
try:
    c.send(42)
except StopIteration as e:
    print(e.value)
