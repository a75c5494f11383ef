# time, without depending on how fast anything is.
import time
a, b = time.monotonic(), time.monotonic(); print(a <= b, time.time() > 1.6e9, time.perf_counter() >= 0, isinstance(time.time_ns(), int), time.process_time() >= 0)
s = time.monotonic(); time.sleep(0.01); print(time.monotonic() - s >= 0.0099, time.gmtime(0)[:6], time.gmtime(86400 * 59).tm_yday, time.strftime("%Y-%m-%d", time.gmtime(0)), time.gmtime(0).tm_wday, time.strptime("2024-01-02", "%Y-%m-%d").tm_mday)
for bad in (lambda: time.sleep(-1), lambda: time.sleep("a")):
    try:
        bad()
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
print(time.asctime(time.gmtime(0)), time.struct_time(range(9))[0], time.thread_time() >= 0)
