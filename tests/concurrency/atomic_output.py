# What a block prints appears once, at its commit, however often it is tried.
import io, sys, transaction
from _together import many, THREADS, ROUNDS
out, n = io.StringIO(), [0]
real, sys.stdout = sys.stdout, out
def work(i):
    for k in range(ROUNDS // 10):
        with transaction.atomic:
            n[0] += 1
            print("line", n[0])
many(work)
sys.stdout = real
assert out.getvalue() == "".join(f"line {k + 1}\n" for k in range(THREADS * (ROUNDS // 10)))
print("ok")
