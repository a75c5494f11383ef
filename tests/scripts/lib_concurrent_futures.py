# ThreadPoolExecutor.
from concurrent.futures import ThreadPoolExecutor, as_completed, wait, Future
with ThreadPoolExecutor(3) as ex:
    print(list(ex.map(lambda x: x * x, range(6))), ex.submit(pow, 2, 5).result())
    fs = [ex.submit(lambda x: x, i) for i in range(4)]; print(sorted(f.result() for f in as_completed(fs)))
    bad = ex.submit(lambda: 1 / 0); print(type(bad.exception()).__name__, bad.done())
    done, rest = wait(fs); print(len(done), len(rest))
    try:
        bad.result()
    except ZeroDivisionError as e:
        print(e)
try:
    ex.submit(print)
except RuntimeError as e:
    print(e)
f = Future(); f.add_done_callback(lambda f: print("callback", f.result())); f.set_result(7); print(f.done(), f.cancel())
