# operator.
import operator as op
print(op.add(1, 2), op.mul("a", 3), op.truediv(1, 2), op.floordiv(7, 2), op.mod(7, 3), op.pow(2, 3), op.neg(1), op.not_(0), op.and_(6, 3), op.xor(6, 3), op.invert(0), op.lshift(1, 3), op.lt(1, 2), op.eq(1, 1), op.is_(None, None), op.contains([1], 1), op.getitem([1, 2], 0), op.concat([1], [2]), op.countOf([1, 1], 1), op.indexOf([1, 2], 2), op.truth([]), op.index(True), op.matmul.__name__)
print(op.itemgetter(1)("abc"), op.itemgetter(0, 2)("abc"), op.itemgetter("k")({"k": 1}), op.itemgetter(slice(1, 3))("abcd"), op.attrgetter("real")(5), op.attrgetter("real", "imag")(5), op.attrgetter("__class__.__name__")(1), op.methodcaller("upper")("a"), op.methodcaller("replace", "a", "b")("aa"))
l = [1]; print(op.iadd(l, [2]) is l, l, op.setitem(l, 0, 9), l, op.delitem(l, 0), l, op.length_hint([1, 2]), op.call(max, 1, 2))
print(sorted([(2, "a"), (1, "b")], key=op.itemgetter(1)), max([{"v": 1}, {"v": 3}], key=op.itemgetter("v")), op.itemgetter(1), op.attrgetter("a.b"), op.methodcaller("m", 1))
for bad in (lambda: op.add(1, "a"), lambda: op.itemgetter(), lambda: op.attrgetter("x")(5), lambda: op.index(1.5)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
