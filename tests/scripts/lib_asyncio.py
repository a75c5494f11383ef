# asyncio's loop, tasks, queues, gather, timeouts.
import asyncio
async def work(n):
    await asyncio.sleep(0)
    if n == 3: raise ValueError("three")
    return n * 10
async def main():
    print(await work(1), await asyncio.gather(work(1), work(2)), await asyncio.gather(work(3), return_exceptions=True))
    t = asyncio.create_task(work(4)); print(await t, t.done())
    q = asyncio.Queue()
    async def producer():
        for i in range(3): await q.put(i)
    async def consumer(): return [await q.get() for _ in range(3)]
    print((await asyncio.gather(producer(), consumer()))[1])
    try:
        await asyncio.wait_for(asyncio.sleep(60), 0.01)
    except TimeoutError:
        print("timeout")
    t = asyncio.create_task(asyncio.sleep(60)); await asyncio.sleep(0); t.cancel()
    try:
        await t
    except asyncio.CancelledError:
        print("cancelled", t.cancelled())
    try:
        async with asyncio.TaskGroup() as g:
            g.create_task(work(3)); g.create_task(work(1))
    except* ValueError as e:
        print(e.exceptions)
    lock = asyncio.Lock(); order = []
    async def locked(n):
        async with lock:
            order.append(n); await asyncio.sleep(0); order.append(n)
    await asyncio.gather(locked(1), locked(2)); print(order)
    return "result"
print(asyncio.run(main()))
