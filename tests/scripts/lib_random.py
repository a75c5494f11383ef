# random: a seeded sequence equals CPython's.
import random
random.seed(12345)
print(random.random(), random.random(), random.randint(1, 100), random.randrange(0, 1000, 7), random.choice("abcdef"), random.uniform(1, 2), random.getrandbits(100), random.gauss(0, 1), random.normalvariate(0, 1), random.expovariate(2), random.triangular(), random.betavariate(2, 3), random.gammavariate(2, 1))
l = list(range(10)); random.shuffle(l); print(l, random.sample(range(100), 5), random.choices("abc", k=5), random.choices([1, 2, 3], weights=[1, 0, 5], k=6), random.sample(["a", "b"], 3, counts=[2, 2]))
r = random.Random(7); s = r.getstate(); a = [r.random() for _ in range(3)]; r.setstate(s); print(a == [r.random() for _ in range(3)], r.randbytes(5), r.paretovariate(3), r.vonmisesvariate(0, 1), r.lognormvariate(0, 1), r.weibullvariate(1, 2), r.binomialvariate(10, 0.3))
for seed in (0, 1, 2**40, -5, "text", b"bytes", 1.5, None.__class__.__name__):
    print(random.Random(seed).random(), end=" ")
print()
big = random.Random(1); print(sum(big.randrange(10**6) for _ in range(2000)), big.getrandbits(1), big.getrandbits(32), big.getrandbits(64), big.randrange(2**70))
for bad in (lambda: random.randrange(0), lambda: random.choice([]), lambda: random.sample([1], 2), lambda: random.randint(5, 1), lambda: random.Random([]), lambda: random.getrandbits(-1)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__)
class Fixed(random.Random):
    def random(self): return 0.5
print(Fixed().uniform(0, 10), Fixed().choice([1, 2, 3]), isinstance(random.SystemRandom().random(), float))
