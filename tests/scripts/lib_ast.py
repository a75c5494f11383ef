# Syntax trees, and what is built on them.
import ast

tree = ast.parse("x = 1 + 2 * y\nfor i in range(3):\n    print(i, *a, k=v)\n")
print(ast.dump(tree))
print(ast.unparse(tree))
source = '''
@deco
async def f[T](a, /, b: int = 1, *c, d, e=2, **g) -> str:
    """doc"""
    async with x as y, z:
        return await w
class C(B, metaclass=M):
    z: int
    def m(self): yield from self.q[1:2, ::3]
try:
    raise E from None
except* (A, B) as e:
    pass
else: del x[0], y.z
finally: assert t, "m"
match v:
    case [1, *rest] if g: pass
    case {"k": a, **kw}: pass
    case P(1, x=2) | None: pass
    case _: pass
l = lambda x, *y: (x if x else not y, [a for a in b if c], {**m, 1: 2}, {1, 2}, f"{x!r:>{w}} t {y=}")
if (n := 10) < 5 <= 6: pass
elif b: pass
else: global q
type A[T: int] = list[T]
import a.b as c, d
from ..e import (f, g as h)
x += -1j ** ~2
while True: break
'''
tree = ast.parse(source)
again = ast.parse(ast.unparse(tree))
print(ast.dump(tree) == ast.dump(again))
print(ast.unparse(tree))
print(ast.literal_eval("{'a': [1, -2.5, 3+4j, None, True, b'x', ('y',)], 'b': {1, 2}}"))
for bad in ("f()", "a + 1", "[1"):
    try:
        ast.literal_eval(bad)
    except (ValueError, SyntaxError) as e:
        print(type(e).__name__)
class Names(ast.NodeVisitor):
    def visit_Name(self, node):
        print(node.id, node.lineno, node.col_offset, node.end_col_offset, type(node.ctx).__name__)
Names().visit(ast.parse("a = b\n  # comment\nc(d)"))
class Twice(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.copy_location(ast.Constant(node.value * 2), node)
new = ast.fix_missing_locations(Twice().visit(ast.parse("print(21, 'ab')")))
exec(compile(new, "<tree>", "exec"))
print(eval(compile(ast.parse("6 * 7", mode="eval"), "<tree>", "eval")))
n = ast.BinOp(ast.Constant(1), ast.Add(), right=ast.Constant(2))
print(ast.dump(n), isinstance(n, ast.expr), n._fields, ast.Name("x").ctx.__class__.__name__)
for bad in (lambda: ast.Name("a", ast.Load(), 3), lambda: ast.Name("a", id="b")):
    try:
        bad()
    except TypeError as e:
        print(e)
print(ast.get_docstring(tree.body[0]), [type(n).__name__ for n in ast.walk(ast.parse("a.b"))])
print(ast.get_source_segment("x = (1 +\n 2)", ast.parse("x = (1 +\n 2)").body[0].value))
