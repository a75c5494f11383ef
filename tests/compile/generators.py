def gen(n):
    x = yield
    y = yield n
    r = yield from gen(x)
    return r
async def agen(it):
    async for a in it:
        yield a
    async with it as b, b.c as d:
        await d
    return
async def co(it):
    return [await x async for x in it if await x]
def genexp(it):
    return (await_(x) for x in it)
async def agenexp(it):
    return (x async for x in it)
