# Mixing in: builtin bases with mixins, overriding operators used by builtins.
class Loud:
    def __getitem__(self, k):
        print("get", k)
        return super().__getitem__(k)
class LD(Loud, dict): pass
d = LD(a=1)
print(d["a"], d.get("a"), dict(d), len(d))
class Attr(dict):
    def __getattr__(self, n):
        try:
            return self[n]
        except KeyError:
            raise AttributeError(n) from None
    __setattr__ = dict.__setitem__
a = Attr(x=1)
a.y = 2
print(a.x, a, hasattr(a, "zz"))
class Stack(list):
    push = list.append
    def peek(self): return self[-1]
s = Stack([1])
s.push(2)
print(s.peek(), s.pop(), s, bool(Stack()))
class Vec(tuple):
    def __add__(self, o): return Vec(a + b for a, b in zip(self, o))
    def __mul__(self, k): return Vec(a * k for a in self)
    __rmul__ = __mul__
print(Vec((1, 2)) + Vec((3, 4)), 2 * Vec((1, 2)), sum([Vec((1, 1)), Vec((2, 2))], Vec((0, 0))))
class CI(str):
    def __eq__(self, o): return self.lower() == o.lower()
    def __hash__(self): return hash(self.lower())
print(CI("ABC") == "abc", {CI("K"): 1}[CI("k")])
class Sorted(set):
    def __iter__(self): return iter(sorted(super().__iter__()))
print(list(Sorted([3, 1, 2])), 3 in Sorted([3]))
class Money(int):
    def __repr__(self): return f"${int(self)}"
    def __add__(self, o): return Money(int(self) + int(o))
    __radd__ = __add__
print([Money(1) + 2], sum([Money(1), Money(2)]), max(Money(1), Money(5)))
