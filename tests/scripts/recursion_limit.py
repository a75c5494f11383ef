# RecursionError in several shapes, caught, and life afterwards.
import sys
def f(n): return f(n + 1)
try:
    f(0)
except RecursionError as e:
    print(e)
class C:
    def __getattr__(self, n): return getattr(self, n + "x")
    def __repr__(self): return repr(self)
    def __add__(self, o): return self + o
    def __len__(self): return len(self)
    def __iter__(self): return iter(self)
    def __eq__(self, o): return self == o
    def __call__(self): return self()
for g in (lambda: C().a, lambda: repr(C()), lambda: C() + 1, lambda: len(C()), lambda: list(C()), lambda: C() == 1, lambda: C()()):
    try:
        g()
    except RecursionError:
        print("RecursionError")
def gen(n): yield from gen(n + 1)
try:
    list(gen(0))
except RecursionError:
    print("generators")
def depth(n): return 0 if n == 0 else 1 + depth(n - 1)
print(depth(900))
sys.setrecursionlimit(5000)
print(depth(4500))
sys.setrecursionlimit(300)
try:
    depth(400)
except RecursionError:
    print("lower limit")
l = []
for _ in range(100000): l = [l]
sys.setrecursionlimit(1000)
for g in (lambda: repr(l), lambda: l == [l]):
    try:
        g()
    except RecursionError:
        print("nested list")
def mutual_a(n): return mutual_b(n)
def mutual_b(n): return mutual_a(n)
try:
    mutual_a(1)
except RecursionError:
    print("mutual")
def in_sort(n): return sorted([2, 1], key=lambda x: in_sort(n + 1))
try:
    in_sort(0)
except RecursionError:
    print("through a native function")
print(depth(500))
