"""Reads operators, subscripts and attributes of a caller's line as calls of the special methods they run."""

import ast
from collections.abc import Iterator

from triage.drafting.replay.stack.scene import StackFrame

BINARY = {
    "add": ast.Add, "sub": ast.Sub, "mul": ast.Mult, "truediv": ast.Div, "floordiv": ast.FloorDiv, "mod": ast.Mod,
    "pow": ast.Pow, "and": ast.BitAnd, "or": ast.BitOr, "xor": ast.BitXor, "lshift": ast.LShift,
    "rshift": ast.RShift, "matmul": ast.MatMult,
}  # fmt: skip
# The second is the method of the right operand that the same operator may run.
COMPARED: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Eq: ("__eq__", "__eq__"), ast.NotEq: ("__ne__", "__ne__"), ast.Lt: ("__lt__", "__gt__"),
    ast.LtE: ("__le__", "__ge__"), ast.Gt: ("__gt__", "__lt__"), ast.GtE: ("__ge__", "__le__"),
}  # fmt: skip
UNARY = {ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__", ast.Not: "__bool__"}
BUILTINS = {
    "__str__": ("str", "print", "format"), "__repr__": ("repr", "print", "str"), "__len__": ("len", "bool"),
    "__bool__": ("bool",), "__hash__": ("hash",), "__int__": ("int",), "__float__": ("float",), "__abs__": ("abs",),
    "__iter__": ("list", "iter", "tuple", "set", "sorted", "dict", "sum", "max", "min", "enumerate"),
    "__next__": ("next", "list"), "__reversed__": ("reversed",), "__bytes__": ("bytes",), "__round__": ("round",),
    "__format__": ("format",), "__index__": ("range", "hex", "bin"), "__dir__": ("dir",),
    "__copy__": ("copy",), "__deepcopy__": ("deepcopy",), "__getstate__": ("dumps",), "__reduce_ex__": ("dumps",),
    "__setstate__": ("loads",),
}  # fmt: skip
ENTERS = ("__enter__", "__aenter__")
EXITS = ("__exit__", "__aexit__")
_GETTERS = {"property", "cached_property", "hybrid_property", "reify", "getter", "lazy", "memoized_property"}


class Operation(ast.Call):
    """The call of a special method; `written` is what the source has in its place."""

    written: ast.expr | ast.stmt


def operation_of(statement: ast.stmt, callee: StackFrame) -> Operation | None:
    """The operation in a caller's statement that entered `callee`, None when `callee` is no method that one runs."""
    if not callee.view.classes or callee.view.node is None:
        return None
    name = callee.name
    if name in (*ENTERS, *EXITS) and isinstance(statement, ast.With | ast.AsyncWith):
        receiver = statement.items[0].context_expr
        done = Operation(ast.Attribute(receiver, name, ast.Load()), [], [])
        done.written = entered(statement, name in EXITS)
        return done
    for node in ast.walk(headers_only(statement)):
        for method, receiver, arguments in _readings(node, name, _is_getter(callee)):
            if method == name:
                done = Operation(ast.Attribute(receiver, name, ast.Load()), arguments, [])
                done.written = _whole(node, receiver)
                return done
    return None


def entered(statement: ast.With | ast.AsyncWith, left: bool) -> ast.With | ast.AsyncWith:
    """A `with` that does nothing inside, or with what it does when the crash came as it was left."""
    body: list[ast.stmt] = statement.body if left else [ast.Pass()]
    return type(statement)(items=statement.items, body=body, lineno=statement.lineno)


def headers_only(statement: ast.stmt) -> ast.AST:
    """A compound statement without its blocks: the part that runs on its own line."""
    if isinstance(statement, ast.If | ast.While):
        return statement.test
    if isinstance(statement, ast.For | ast.AsyncFor):
        return statement.iter
    if isinstance(statement, ast.With | ast.AsyncWith):
        return ast.Tuple([item.context_expr for item in statement.items], ast.Load())
    return statement


def _whole(node: ast.AST, receiver: ast.expr) -> ast.expr | ast.stmt:
    if isinstance(node, ast.FormattedValue):
        return ast.JoinedStr([node])
    return node if isinstance(node, ast.expr | ast.stmt) else receiver


def _is_getter(callee: StackFrame) -> bool:
    assert callee.view.node is not None
    marks = [item.func if isinstance(item, ast.Call) else item for item in callee.view.node.decorator_list]
    return any(ast.unparse(mark).rpartition(".")[2] in _GETTERS for mark in marks)


def _readings(node: ast.AST, name: str, getter: bool) -> Iterator[tuple[str, ast.expr, list[ast.expr]]]:
    """(method, receiver, arguments) of each special method that a node may run."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right = node.left, node.comparators[0]
        if isinstance(node.ops[0], ast.In | ast.NotIn):
            yield "__contains__", right, [left]
        plain, mirrored = COMPARED.get(type(node.ops[0]), ("", ""))
        yield plain, left, [right]
        yield mirrored, right, [left]
    elif isinstance(node, ast.BinOp):
        for word, operator in BINARY.items():
            if isinstance(node.op, operator):
                yield f"__{word}__", node.left, [node.right]
                yield f"__r{word}__", node.right, [node.left]
    elif isinstance(node, ast.UnaryOp):
        yield UNARY[type(node.op)], node.operand, []
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        for method in ("__getitem__", "__class_getitem__", "__missing__"):
            yield method, node.value, [node.slice]
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        if getter and node.attr == name:
            yield name, node.value, []
        for method in ("__getattr__", "__getattribute__"):
            yield method, node.value, [ast.Constant(node.attr)]
    elif isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in BUILTINS.get(name, ()) and node.args:
            yield name, node.args[0], node.args[1:]
    elif isinstance(node, ast.FormattedValue):
        yield name if name in ("__str__", "__repr__", "__format__") else "", node.value, []
    else:
        yield from _of_statement(node, getter, name)


def _of_statement(node: ast.AST, getter: bool, name: str) -> Iterator[tuple[str, ast.expr, list[ast.expr]]]:
    if isinstance(node, ast.AugAssign):
        for word, operator in BINARY.items():
            if isinstance(node.op, operator):
                target: ast.expr = ast.parse(ast.unparse(node.target), mode="eval").body
                yield f"__i{word}__", target, [node.value]
                yield f"__{word}__", target, [node.value]
    elif isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        if isinstance(target, ast.Subscript):
            yield "__setitem__", target.value, [target.slice, node.value]
        elif isinstance(target, ast.Attribute):
            yield "__setattr__", target.value, [ast.Constant(target.attr), node.value]
            if target.attr == name:
                yield name, target.value, [node.value]
    elif isinstance(node, ast.Delete) and len(node.targets) == 1:
        target = node.targets[0]
        if isinstance(target, ast.Subscript):
            yield "__delitem__", target.value, [target.slice]
        elif isinstance(target, ast.Attribute):
            yield "__delattr__", target.value, [ast.Constant(target.attr)]
