# The containers at their edges: construction, errors, order, iteration, comparison with Python code in between.
def t(f, *args):
    try:
        print(repr(f(*args)))
    except BaseException as e:
        print(type(e).__name__, e)

class S(set): pass
class F(frozenset): pass
class D(dict):
    def __missing__(self, k): return ('missing', k)
class L(list):
    def __init__(self, a, b=2, *, k=None):
        list.__init__(self, [a, b])
        self.k = k
class T(tuple):
    def __new__(cls, *a):
        return tuple.__new__(cls, a)

# construction
t(lambda: dict(1, 2)); t(lambda: list(1, 2)); t(lambda: list(a=1)); t(lambda: set(1, 2)); t(lambda: set(a=1))
t(lambda: frozenset(1, 2)); t(lambda: tuple(1, 2)); t(lambda: tuple(a=1)); t(lambda: L(1, k=3)); t(lambda: L(1, 5).k)
t(lambda: T(1, 2, 3)); t(lambda: type(T(1)).__name__); t(lambda: T(1)+(2,)); t(lambda: type(T(1)[:]).__name__)
t(lambda: dict([1])); t(lambda: dict([(1,)])); t(lambda: dict(['ab', (1, 2), [3, 4]])); t(lambda: dict(5))
t(lambda: dict(a=1, b=2)); t(lambda: dict({'a': 1}, b=2)); t(lambda: dict([('x', 1)], x=2)); t(lambda: dict(D(a=1)))
t(lambda: dict.fromkeys(5)); t(lambda: dict.fromkeys('abc')); t(lambda: dict.fromkeys([1, 2], 0)); t(lambda: type(D.fromkeys('a')).__name__)
t(lambda: {} | 5); t(lambda: {1: 2} | {1: 3, 4: 5}); t(lambda: {}.popitem()); t(lambda: set().pop()); t(lambda: {}.pop(1)); t(lambda: {}.pop(1, 2))
t(lambda: {}.get()); t(lambda: {}.setdefault()); t(lambda: {1: 2}.setdefault(1, 3)); t(lambda: {}.setdefault(1)); t(lambda: {}.get(1)); t(lambda: {}.get(1, 2))
t(lambda: D(a=1)['b']); t(lambda: D(a=1)['a']); t(lambda: {}['b']); t(lambda: D().get('x'))
t(lambda: set() | 5); t(lambda: set().union(5)); t(lambda: {1} < 5); t(lambda: frozenset().add(1)); t(lambda: set().remove(1)); t(lambda: set().remove({1}))
t(lambda: {}.keys() & 5); t(lambda: {}.keys() | 5); t(lambda: {1: 2}.keys()); t(lambda: {1: 2}.items()); t(lambda: {1: 2}.values())
t(lambda: {}.keys().isdisjoint(5)); t(lambda: {1: 2}.keys().isdisjoint([2])); t(lambda: {1: 2}.items().isdisjoint([(1, 2)]))
print(S([1]), F([1]), frozenset(), S(), F(), [[]], ((),), (1,), {1: (2,)})
d = D(); d['x'] = d; print(d)
l = [1]; l.append(l); print(l)
u = ([],); u[0].append(u); print(u)
class HS(set):
    __hash__ = object.__hash__
h = HS(); h.add(h); print(h)
print(set([1]).__reduce__(), frozenset([1]).__reduce__()[1:])
def it():
    d = {1: 1, 2: 2}
    for k in d: d[k+10] = 1
t(it)
def it():
    d = {1: 1, 2: 2}
    for k in d: del d[k]; d[k+10] = 1
t(it)
def it():
    d = {1, 2}
    for k in d: d.add(k+10)
t(it)
def it():
    d = {1: 1, 2: 2}
    r = []
    for k in d:
        d[k] = 5
        r.append(k)
    return r, d
t(it)
print(hash((1, 2, 3)), hash(()), hash(frozenset([1, 2, 3])), hash(range(3)) != hash(range(4)), hash(range(0)) == hash(range(5, 5)))
print(hash((1.5, 2)), hash(((1, 2), 3)), hash(frozenset()))
t(lambda: () + []); t(lambda: () * ''); t(lambda: (1,)[3]); t(lambda: [] + ()); t(lambda: [] * ''); t(lambda: [1][3]); t(lambda: [1].__getitem__('a'))
t(lambda: range(3)[3]); t(lambda: range(3)['a']); t(lambda: range(1.0)); t(lambda: range()); t(lambda: range(1, 2, 0)); t(lambda: range(1, 2, 3, 4))
t(lambda: (1,).index(5)); t(lambda: slice()); t(lambda: slice(1, 2, 3).indices(-1)); t(lambda: slice(1, 2, 3).indices('a')); t(lambda: slice(1, 2, 0).indices(5))
t(lambda: slice(1, 2) < slice(1, 3)); t(lambda: len(range(10**30))); t(lambda: range(10**30)[10**29]); t(lambda: range(10**30)[10**31]); t(lambda: range(10**30).index(5))
t(lambda: slice('a').indices(5)); t(lambda: slice(None, 10**30).indices(10**31)); t(lambda: slice(None, None, -1).indices(5)); t(lambda: hash(slice(1, 2)))
t(lambda: range(5).__reduce__()[1]); t(lambda: slice(1)); t(lambda: range(10)[2:8:3]); t(lambda: range(10)[::-1]); t(lambda: list(range(10)[-3:])); t(lambda: range(10**20, 10**20+5)[1:3])
t(lambda: {}.update(1, 2)); t(lambda: {}.update(5)); t(lambda: {1: 2}.values() == {1: 2}.values()); t(lambda: {1: 2}.items() == {(1, 2)}); t(lambda: {1: 2}.keys() == {1})
t(lambda: {1: 2, 3: 4}.keys() - [1]); t(lambda: [1] - {1: 2}.keys()); t(lambda: [1, 5] | {1: 2}.keys()); t(lambda: {1, 5} ^ {1: 2}.keys()); t(lambda: {1: 2}.items() & {(1, 2), 3}); t(lambda: {1: 2}.keys() < {1, 2}); t(lambda: {1, 2} > {1: 2}.keys()); t(lambda: (1, 2) in {1: 2}.items()); t(lambda: 2 in {1: 2}.values())
t(lambda: list(reversed({1: 2, 3: 4}))); t(lambda: list(reversed({1: 2, 3: 4}.values()))); t(lambda: list(reversed({1: 2, 3: 4}.items())))
t(lambda: [1, 2] < [1, 3]); t(lambda: [1, 2] < [1]); t(lambda: [1] == (1,)); t(lambda: [1] < (1,)); t(lambda: (1, 'a') < (1, 2)); t(lambda: [[1], 2] == [[1.0], 2])
l = [3, 1, 2]
l.sort(); print(l); l.sort(reverse=True); print(l); l.sort(key=lambda x: -x); print(l)
print(sorted('hello', key=lambda c: (c != 'l', c)), sorted([1.5, 1, True, 0.0]), sorted([(1, 'b'), (1, 'a')], reverse=True))
t(lambda: sorted([1, 'a'])); t(lambda: [1].sort(1)); t(lambda: [2, 1].sort(key=5))
def mod():
    l = [1, 2, 3]
    l.sort(key=lambda x: l.append(x) or x)
t(mod)
def bad():
    l = [3, 2, 1, 0]
    def key(x):
        if x == 1: raise ValueError('no')
        return x
    try:
        l.sort(key=key)
    except ValueError as e:
        print(e)
    return l
t(bad)
l = list(range(10))
del l[::2]; print(l); l[1:3] = 'abc'; print(l); l[::2] = [0, 0, 0]; print(l); l[5:] = []; print(l); l[2:2] = [7, 8]; print(l); del l[0]; del l[-1]; print(l)
def f(): l[::2] = [1]
t(f)
def f(): l[9] = 1
t(f)
def f(): del l[9]
t(f)
def f(): l[0:1] = 5
t(f)
def f(): l[::2] = 5
t(f)
def f(): l['a'] = 5
t(f)
def f(): ()[0] = 5
t(f)
l *= 2; print(l); l += (1, 2); print(l); l.insert(-100, 'x'); l.insert(100, 'y'); l.insert(1, 'z'); print(l)
print(l.pop(), l.pop(0), l.pop(-2), l); t(lambda: [].pop()); t(lambda: [1].pop(5)); l.remove('z'); print(l, l.count(1), l.count(2)); t(lambda: l.remove('q')); l.reverse(); print(l); l.clear(); print(l)
t(lambda: [1].index()); t(lambda: (1, 2, 1).count(1)); t(lambda: (1, 2, 3).index(2, -2))
def f(): global l; l += 5
t(f)
s = {1, 2, 3}
s &= {2, 3, 4}; print(s); s |= {5}; print(s); s -= {2}; print(s); s ^= {5, 6}; print(s)
t(lambda: {1, 2} <= {1, 2, 3}); t(lambda: {1, 2}.issubset([1, 2, 3])); t(lambda: {1, 2}.issuperset([1])); t(lambda: {1, 2} == frozenset([2, 1])); t(lambda: {1}.isdisjoint([2])); t(lambda: {frozenset([1])} == {frozenset([1])}); t(lambda: {1} in {frozenset([1])})
t(lambda: {1, 2}.intersection([2], [2, 3])); t(lambda: {1, 2}.difference([2], [3])); t(lambda: {1, 2}.symmetric_difference([2, 3])); t(lambda: {1}.union([2], {3: 4}, (5,)))
t(lambda: type(F([1]) | {2}).__name__); t(lambda: type({2} | F([1])).__name__); t(lambda: type(S([1]).copy()).__name__); t(lambda: S([1]) & {1})
t(lambda: {1}.update(5)); t(lambda: {1} |  [1]); s = {1}
def f():
    global s
    s |= [1]
t(f)
i = iter([1, 2, 3]); next(i); print(i.__length_hint__(), i.__reduce__()[1:], list(i), i.__length_hint__())
i = iter({1: 2, 3: 4}.items()); next(i); print(i.__length_hint__(), i.__reduce__()[1:], list(i), i.__length_hint__())
i = iter((1, 2, 3)); next(i); print(i.__length_hint__(), i.__reduce__()[1:], list(i))
i = iter(range(5)); next(i); print(i.__length_hint__(), i.__reduce__()[1:], list(i))
i = iter(range(10**30, 10**30+3)); next(i); print(i.__length_hint__(), i.__reduce__()[1:], list(i))
i = iter({7}); print(i.__length_hint__(), i.__reduce__()[1:], list(i), i.__length_hint__())
i = reversed([1, 2, 3]); next(i); print(i.__length_hint__(), i.__reduce__()[1:], list(i))
i = reversed(range(1, 10, 3)); print(i.__length_hint__(), i.__reduce__()[1:], list(i))
class K:
    def __init__(self, v): self.v = v
    def __hash__(self): return 1
    def __eq__(self, o): return isinstance(o, K) and self.v == o.v
    def __repr__(self): return 'K%d' % self.v
d = {K(i): i for i in range(5)}
print(d, d[K(3)], d.get(K(9)), d.pop(K(2)), d, len(d)); d[K(2)] = 'n'; print(d)
class B:
    def __hash__(self): return 1
    def __eq__(self, o): raise RuntimeError('eq')
t(lambda: d.get(B())); t(lambda: {B(): 1, B(): 2})
class Ch:
    def __hash__(self): return 1
    def __eq__(self, o):
        d.clear()
        return False
d = {K(1): 1, K(2): 2}
t(lambda: d.get(Ch())); print(d)
d = {1: 'a', 1.0: 'b', True: 'c'}; print(d, 1 in d, 2 in d, d.keys() == {1})
d = {}
for i in range(100): d[i] = i
for i in range(0, 100, 2): del d[i]
for i in range(0, 10): d[i] = -i
print(list(d.items())[:3], list(d.items())[-6:], len(d), d.popitem(), d.popitem())
print({(1, 2): 3}[1, 2], {None: 1, ...: 2}, {1.5: 2, 'a': 1}['a'])
print((1, 2) * 2, 2 * (1, 2), [1] * 3, 3 * [1], () * 5, (1, 2, 3)[::-1], (1, 2, 3)[1:])
print(2**70 in range(2**71), 5 in range(0, 10, 2), 4.0 in range(5), 'a' in range(5), range(0, 10, 2).index(4), range(5).count(3), range(3) == range(0, 3, 1), range(0) == range(2, 1), bool(range(0)), range(1, 10, 3).stop)
print({}.keys() <= set(), {1: 1}.keys() | {2}, set('') | set('a'))
print([1, 2, 3].copy() is not None, {1: 2}.copy(), {1}.copy(), frozenset([1]).copy())
t(lambda: [].__init__([1])); t(lambda: [1, 2].__contains__(2)); t(lambda: [1, 2].__eq__(5)); t(lambda: {}.__or__(5)); t(lambda: {1}.__or__([1])); t(lambda: (1,).__add__((2,)))
a, *b = {1: 2, 3: 4}; print(a, b)
print([*range(3), *{5: 6}], {*[1, 2], *(3,)}, {**{1: 2}, **{3: 4}})
def more():
    d = {}
    d[1] = 2
    it = iter(d)
    next(it)
    d[2] = 3
    return next(it)
t(more)
def gen():
    d = dict(a=1, b=2, c=3)
    out = []
    for k, v in d.items():
        out.append((k, v))
        d[k] = v + 1
    for v in d.values(): out.append(v)
    for k in reversed(d): out.append(k)
    return out
t(gen)
class It(list):
    def __iter__(self): return iter('xyz')
print([*It(1 for _ in range(2))] if False else list(It([1, 2])), tuple(It([1])), set(It([1])) == {'x', 'y', 'z'}, dict.fromkeys(It([1])))
l = [5]; l.extend(It([1])); print(l); l[1:] = It([1, 2]); print(l)
l = [1, 2, 3]
for x in l:
    if x < 10: l.append(x + 10)
print(l)
l = [1, 2, 3, 4]
for x in l: l.remove(x)
print(l)
print([1, 2, 3] == [1, 2, 3], [float('nan')] == [1], (1, 2) == (1, 2, 3), () < (1,), [3] > [2, 5])
d = {'a': 1}; e = d; e |= [('b', 2)]; print(d); e |= {'c': 3}; print(d, {'z': 0} | d)
print(sorted({3: 1, 1: 2}.items()), sorted({'b', 'a'}), max := None)
big = list(range(1000)); del big[5:995]; print(big); big[2:2] = range(200); print(len(big), big[100], big[-1])
big = list(range(300)); big.insert(0, 'a'); big.pop(0); big.insert(150, 'm'); print(big[149:153], len(big)); big.remove('m'); print(sum_ := len(big))
import_free = {i: str(i) for i in range(1000)}
for i in range(0, 1000, 3): del import_free[i]
print(len(import_free), import_free[1], 3 in import_free, list(import_free)[:5])
print(list(zip_ for zip_ in {}.items()), [x for x in range(10, 0, -3)], [*range(5, 5)], [*reversed(range(3))])
print({1: {2: [3, (4, {5})]}}, str([None, True, 1.5, 'a', b'b']), {1}.__repr__())
print([1, 2, 3].__lt__([1, 2, 4]), (1).__class__, {}.__class__, [].__class__.__name__, dict.__name__)
print([[1, 2], [3]] + [[4]], ['a'] * 2, [0] * 0, [1] * -1, (0,) * 3, [[]] * 2)
