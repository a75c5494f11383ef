# contextvars.
import contextvars, threading
v = contextvars.ContextVar("v", default=0)
t = v.set(1); print(v.get()); v.reset(t); print(v.get())
ctx = contextvars.copy_context(); ctx.run(v.set, 5); print(v.get(), ctx[v], v in ctx, len(ctx) >= 1)
seen = []; v.set(9); th = threading.Thread(target=lambda: seen.append(v.get())); th.start(); th.join(); print(seen in ([0], [9]))
try:
    contextvars.ContextVar("w").get()
except LookupError as e:
    print(type(e).__name__)
print(v.name, contextvars.ContextVar("x").get("given"))
