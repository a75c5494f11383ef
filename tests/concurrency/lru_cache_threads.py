# A cached function shared by threads gives right answers and consistent counts.
import functools
from _together import many, THREADS, ROUNDS
@functools.lru_cache(maxsize=16)
def f(n): return n * n
def work(i):
    for k in range(ROUNDS): assert f((k * 7 + i) % 40) == ((k * 7 + i) % 40) ** 2
many(work)
info = f.cache_info()
assert info.hits + info.misses == THREADS * ROUNDS and info.currsize <= 16, info
print("ok")
