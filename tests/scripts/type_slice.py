# slice objects.
s = slice(1, 10, 2)
print(s, s.start, s.stop, s.step, slice(5), slice(None), slice(1, 2), s == slice(1, 10, 2), s.indices(5), slice(None, None, -1).indices(4), slice(-3, None).indices(10), slice(100, -100, -1).indices(3), slice("a", "b"))
print([0, 1, 2, 3][s], "abcdef"[s], (0, 1, 2, 3)[slice(-2, None)], range(10)[s], b"abcdef"[slice(None, None, 2)])
class I:
    def __init__(self, n): self.n = n
    def __index__(self): return self.n
print([0, 1, 2, 3][I(1):I(3)], "abcd"[::I(2)])
for bad in (lambda: [1]["a":], lambda: [1][::0], lambda: slice(1.5).indices(3), lambda: slice(), lambda: slice(1).indices(-1)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
print(slice(1, 2) < slice(1, 3), hash(slice(1, 2)) == hash(slice(1, 2)), list(range(10))[-1:-6:-2], [1, 2, 3][-100:100], [1, 2, 3][2**70:], [1, 2, 3][-2**70:])
