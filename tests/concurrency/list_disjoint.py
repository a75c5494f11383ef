# Writes to different indices all stay, while another thread appends and one reads lengths.
from _together import together, ROUNDS
n = 64
l = [0] * n
def write(start):
    for k in range(1, ROUNDS + 1):
        for i in range(start, n, 4): l[i] = k
def grow():
    for k in range(ROUNDS): l.append(-1)
def look():
    last = n
    for _ in range(ROUNDS):
        size = len(l)
        assert size >= last, (size, last)
        last = size
together(*[lambda s=s: write(s) for s in range(4)], grow, look)
assert l[:n] == [ROUNDS] * n and l[n:] == [-1] * ROUNDS, l[:n]
print("ok")
