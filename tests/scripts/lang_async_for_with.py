# async for, async with, async generators and comprehensions.
import types
@types.coroutine
def switch(x):
    return (yield x)
def run(coro):
    sent = None
    while True:
        try:
            print("  switch", coro.send(sent))
        except StopIteration as e:
            return e.value
class Manager:
    def __init__(self, swallow=False): self.swallow = swallow
    async def __aenter__(self):
        await switch("enter")
        return "resource"
    async def __aexit__(self, kind, value, tb):
        await switch("exit")
        print("leaving with", kind and kind.__name__)
        return self.swallow
class Counter:
    def __init__(self, n): self.n, self.i = n, 0
    def __aiter__(self): return self
    async def __anext__(self):
        if self.i == self.n:
            raise StopAsyncIteration
        self.i += 1
        await switch(self.i)
        return self.i
async def agen(n):
    try:
        for i in range(n):
            got = yield i
            if got: print("agen got", got)
            await switch(f"inside {i}")
    finally:
        print("agen finally")
async def main():
    async with Manager() as r:
        print(r)
    async with Manager(True), Manager() as second:
        raise KeyError("swallowed")
    async for i in Counter(2):
        print("i", i)
    else:
        print("else")
    print([x async for x in Counter(2)], {x: y async for x, y in pairs()})
    print([x async for x in agen(3) if x])
    g = agen(5)
    print(await g.__anext__(), await g.asend("hello"))
    await g.aclose()
    try:
        await g.__anext__()
    except StopAsyncIteration:
        print("stopped")
    g = agen(3)
    async for i in g:
        if i: break
        continue
    await g.aclose()
    try:
        async with Manager():
            return "returned"
    finally:
        print("last")
async def pairs():
    yield 1, 2
    yield 3, 4
print(run(main()))
