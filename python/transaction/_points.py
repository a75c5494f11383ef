"""Puts points between the steps of a program: where `keelback check` may switch to another thread.

A point comes before each statement of a function, and after each read of an attribute, an item or a global variable that the
function writes, so that what comes of the value is another step. `x.n += 1` becomes a read, a point, and a write.
"""

import ast

POINT = '__keelback_point__'
OPERATORS = '__keelback_operators__'

_IN_PLACE = {
    ast.Add: 'iadd', ast.Sub: 'isub', ast.Mult: 'imul', ast.MatMult: 'imatmul', ast.Div: 'itruediv', ast.Mod: 'imod',
    ast.Pow: 'ipow', ast.LShift: 'ilshift', ast.RShift: 'irshift', ast.BitOr: 'ior', ast.BitXor: 'ixor',
    ast.BitAnd: 'iand', ast.FloorDiv: 'ifloordiv',
}


def instrument(source, filename):
    """Parses the source and puts the points in."""
    tree = ast.parse(source, filename)
    tree = _Points().visit(tree)
    return ast.fix_missing_locations(tree)


class _Points(ast.NodeTransformer):
    def __init__(self):
        # Names that the function writes though they are not its own; None outside functions.
        self.outer = None
        self.temporaries = 0

    def _function(self, node):
        before, self.outer = self.outer, {
            name for inner in ast.walk(node) if isinstance(inner, (ast.Global, ast.Nonlocal)) for name in inner.names
        }
        node.body = self._statements(node.body)
        self.outer = before
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = _function

    def visit_Lambda(self, node):
        before, self.outer = self.outer, self.outer or set()
        node.body = self.visit(node.body)
        self.outer = before
        return node

    def _statements(self, body):
        result = []
        for index, statement in enumerate(body):
            documents = index == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            if not documents and not isinstance(statement, (ast.Global, ast.Nonlocal)):
                result.append(ast.copy_location(ast.Expr(self._point(statement)), statement))
            changed = self.visit(statement)
            result.extend(changed if isinstance(changed, list) else [changed])
        return result

    def generic_visit(self, node):
        if self.outer is None:
            return super().generic_visit(node)
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                if value and isinstance(value[0], ast.stmt):
                    setattr(node, name, self._statements(value))
                else:
                    value[:] = [self.visit(item) if isinstance(item, ast.AST) else item for item in value]
            elif isinstance(value, ast.AST) and name != 'annotation':
                setattr(node, name, self.visit(value))
        return node

    def visit_ClassDef(self, node):
        before, self.outer = self.outer, None
        super().generic_visit(node)
        self.outer = before
        return node

    def _point(self, node, value=None):
        arguments = [ast.Constant(node.lineno)]
        if value is not None:
            arguments.append(value)
        return ast.copy_location(ast.Call(ast.Name(POINT, ast.Load()), arguments, []), node)

    def visit_Attribute(self, node):
        self.generic_visit(node)
        if self.outer is None or not isinstance(node.ctx, ast.Load):
            return node
        return self._point(node, node)

    visit_Subscript = visit_Attribute

    def visit_Name(self, node):
        if self.outer is None or node.id not in self.outer or not isinstance(node.ctx, ast.Load):
            return node
        return self._point(node, node)

    def visit_Call(self, node):
        # Between finding a method and calling it nothing is read.
        if isinstance(node.func, ast.Attribute):
            node.func.value = self.visit(node.func.value)
        else:
            node.func = self.visit(node.func)
        node.args = [self.visit(argument) for argument in node.args]
        node.keywords = [self.visit(keyword) for keyword in node.keywords]
        return node

    # A pattern's values are looked up, but not called.
    def visit_match_case(self, node):
        node.guard = node.guard and self.visit(node.guard)
        node.body = self._statements(node.body) if self.outer is not None else [self.visit(s) for s in node.body]
        return node

    def visit_AugAssign(self, node):
        if self.outer is None:
            return super().generic_visit(node)
        value, target = self.visit(node.value), node.target
        before = []
        if isinstance(target, ast.Name):
            if target.id not in self.outer:
                node.value = value
                return node
            read = ast.Name(target.id, ast.Load())
        elif isinstance(target, ast.Attribute):
            held = self._hold(self.visit(target.value), before, node)
            read = ast.Attribute(held, target.attr, ast.Load())
            target = ast.Attribute(held, target.attr, ast.Store())
        else:
            held = self._hold(self.visit(target.value), before, node)
            index = self._hold(self.visit(target.slice), before, node)
            read = ast.Subscript(held, index, ast.Load())
            target = ast.Subscript(held, index, ast.Store())
        function = ast.Attribute(ast.Name(OPERATORS, ast.Load()), _IN_PLACE[type(node.op)], ast.Load())
        changed = ast.Call(function, [self._point(node, ast.copy_location(read, node)), value], [])
        return [*before, ast.copy_location(ast.Assign([target], changed), node)]

    def _hold(self, value, before, node):
        """Evaluates the value once; gives back what stands for it."""
        self.temporaries += 1
        name = f'__keelback_{self.temporaries}__'
        before.append(ast.copy_location(ast.Assign([ast.Name(name, ast.Store())], value), node))
        return ast.Name(name, ast.Load())
