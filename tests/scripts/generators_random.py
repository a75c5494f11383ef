"""Random programs over random chains of generators: resumed, sent into, thrown into, closed and shared at every link. A line is the
checksum of what one program saw; `run(seed)` says it in full."""
import random, sys, zlib

def run(seed):
    r = random.Random(seed); out = []
    pool = []
    class Boom(Exception): pass
    def src(n):
        for i in range(n):
            try: got = yield i
            except Boom as e:
                out.append(("src caught", i))
                if i % 3 == 0: raise
            else:
                if got is not None: out.append(("got", got))
            if i % 4 == 3 and pool and r.random() < .3:
                g = r.choice(pool)
                try: out.append(("inner", next(g, "over")))
                except ValueError as e: out.append(str(e))
                except Boom: out.append("boom in")
                except RuntimeError as e: out.append(repr(e))
        return n
    def mk(depth):
        inner = r.choice(pool) if pool and r.random() < .4 else None
        if inner is None:
            inner = src(r.randrange(1, 6)) if depth == 0 else mk(depth - 1)
        kind = r.randrange(5)
        def plain():
            x = yield from inner
            out.append(("ret", depth, x)); return x
        def tail():
            yield from inner
            yield ("tail", depth)
        def guard():
            try: yield from inner
            except Boom: yield ("guard", depth)
            finally: out.append(("fin", depth))
        def handling():
            try: raise KeyError(depth)
            except KeyError:
                yield from inner
                out.append(repr(sys.exception()))
        def twice():
            yield from inner
            yield from src(2)
        g = (plain, tail, guard, handling, twice)[kind]()
        pool.append(g)
        return g
    for _ in range(3): mk(r.randrange(0, 6))
    for _ in range(60):
        g = r.choice(pool); op = r.random()
        try:
            if op < .62: out.append(next(g, "over"))
            elif op < .72: out.append(g.send(r.choice([None, 5])))
            elif op < .82: out.append(g.throw(Boom("b")))
            elif op < .86: out.append(g.close())
            elif op < .9: out.append([x for _, x in zip(range(3), g)])
            elif op < .95: mk(r.randrange(0, 5))
            else: out.append((g.gi_running, g.gi_suspended, g.gi_frame is None, g.gi_yieldfrom is None))
        except StopIteration as e: out.append(("stop", e.value))
        except (Boom, ValueError, TypeError, RuntimeError) as e: out.append((type(e).__name__, str(e)))
    return out

for seed in range(400):
    print(seed, zlib.crc32(repr(run(seed)).encode()))
