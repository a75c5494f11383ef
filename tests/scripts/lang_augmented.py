# Augmented assignment: in place when it can, on names, attributes, items.
a = b = [1]
a += [2]
print(a is b, b)
a *= 2
print(b)
t = u = (1,)
t += (2,)
print(t, u)
class C: n = 1
c = C()
c.n += 5
print(c.n, C.n)
d = {"k": [1]}
d["k"] += [2]
d["k"][0] -= 5
print(d)
def idx():
    print("index once")
    return 0
x = [10]
x[idx()] += 1
print(x)
n = 7
n **= 2; n //= 3; n %= 10; n <<= 3; n |= 1; n ^= 3; n &= 0xFE; n >>= 1
print(n)
n /= 4
print(n)
class I:
    def __init__(self): self.log = []
    def __iadd__(self, o): self.log.append(("iadd", o)); return self
    def __isub__(self, o): return NotImplemented
    def __sub__(self, o): return ("sub", o)
    def __matmul__(self, o): return ("matmul", o)
i = I()
i += 3
print(i.log)
i -= 4
print(i)
i = I()
i @= 2
print(i)
tup = ([],)
try:
    tup[0] += [1]
except TypeError as e:
    print(e, tup)
s = "a"
s += "b"
s *= 3
print(s)
try:
    s -= 1
except TypeError as e:
    print(e)
z = {1, 2}
z |= {3}; z &= {2, 3, 4}; z ^= {2}; z -= {9}
print(z)
m = {"a": 1}
m |= {"b": 2}
print(m)
