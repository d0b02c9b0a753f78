"""Entry: a function or method of the repo, called with the values that its own frame had."""

import ast
import copy
from collections.abc import Iterable
from functools import partial

from triage.drafting.replay.building import emptied, objects, values
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Candidate, Dead
from triage.drafting.replay.entries import Site
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import FunctionNode
from triage.drafting.replay.world import twice

WITHS = ("__enter__", "__exit__", "__aenter__", "__aexit__")
INJECTED = ("Depends", "Security", "Query", "Path", "Body", "Header", "Cookie", "Form", "File")
MAKES = ("__init__", "__new__", "__post_init__")
BINARY = {
    "__add__": ast.Add, "__sub__": ast.Sub, "__mul__": ast.Mult, "__truediv__": ast.Div, "__floordiv__": ast.FloorDiv,
    "__mod__": ast.Mod, "__pow__": ast.Pow, "__and__": ast.BitAnd, "__or__": ast.BitOr, "__xor__": ast.BitXor,
    "__lshift__": ast.LShift, "__rshift__": ast.RShift, "__matmul__": ast.MatMult,
}  # fmt: skip
COMPARE = {
    "__eq__": ast.Eq,
    "__ne__": ast.NotEq,
    "__lt__": ast.Lt,
    "__le__": ast.LtE,
    "__gt__": ast.Gt,
    "__ge__": ast.GtE,
}
COPIES = {
    "__copy__": "copy", "__deepcopy__": "deepcopy", "__setstate__": "copy", "__reduce_ex__": "copy",
    "__reduce__": "copy", "__getstate__": "pickle", "__getnewargs__": "pickle", "__getnewargs_ex__": "pickle",
}  # fmt: skip
UNARY_CALLS = {
    "__str__": "str", "__repr__": "repr", "__len__": "len", "__bool__": "bool", "__hash__": "hash", "__int__": "int",
    "__float__": "float", "__bytes__": "bytes", "__iter__": "list", "__next__": "next", "__reversed__": "reversed",
    "__abs__": "abs", "__index__": "int", "__dir__": "dir", "__complex__": "complex", "__aiter__": "", "__await__": "",
}  # fmt: skip


def sites(scene: Scene) -> Iterable[Site]:
    """The frames of the repo from the outermost inward; private ones later."""
    seen: set[tuple[str, str]] = set()
    frames = [
        frame
        for frame in scene.frames
        if frame.kind is Kind.REPO and frame.view.node is not None and not frame.is_comprehension
    ]
    rank = 0
    for frame in frames:
        if (frame.path, frame.qualname) in seen:
            continue
        seen.add((frame.path, frame.qualname))
        last = name_of(frame)
        private = last.startswith("_") and not last.startswith("__")
        cost = 1.0 + min(rank, 12) * 0.8 + (1.0 if private else 0.0) + (2.0 if frame.view.nested else 0.0)
        if any(isinstance(item, ast.While) and id(item) in frame.view.enclosing for item in frame.view.before):
            cost += 1.6  # a loop that waits for more to do may not end
        yield Site(f"direct {frame.index}", cost, partial(build, frame=frame))
        rank += 1


def name_of(frame: StackFrame) -> str:
    return frame.view.node.name if frame.view.node else frame.name


def build(builder: Builder, frame: StackFrame) -> Candidate:
    """Call the frame's function the way its kind wants."""
    node = frame.view.node
    assert node is not None
    if frame.view.nested:
        raise Dead(f"{node.name} lives inside a function")
    entry = f"{frame.module}.{frame.qualname}"
    public = not any(part.startswith("_") and not part.startswith("__") for part in entry.split("."))
    decorators = {decorator(item) for item in node.decorator_list}
    if frame.view.classes:
        call = _method(builder, frame, node, decorators)
    else:
        path = f"{frame.module}:{node.name}"
        if not builder.names.exists(path):
            raise Dead(f"{path} cannot be imported")
        positional, keywords = arguments(builder, frame, node, skip=0)
        call = ast.Call(builder.name(builder.names.public(path)), positional, keywords)
    done = consumed(builder, frame, node, decorators, call)
    if twice.was_there(builder.scene):
        twice.before(builder, done)
    elif frame.view.classes and node.name not in MAKES:
        _again(builder, done)
    return builder.finish(done, entry, "called with its captured values", public)


def _again(builder: Builder, done: ast.expr | list[ast.stmt]) -> None:
    """The same call once before, whatever came of it: an object that was used already, as after a retry."""
    if not builder.items or not builder.choices.pick("used before", [(0.0, False), (3.5, True)]):
        return
    first: list[ast.stmt] = [ast.Expr(copy.deepcopy(done))] if isinstance(done, ast.expr) else copy.deepcopy(done)
    quiet = ast.Call(builder.name("contextlib:suppress"), [ast.Name("Exception")], [])
    builder.add(ast.With([ast.withitem(quiet, None)], first, lineno=0))
    builder.notes.append("the object had been used once before")


def consumed(
    builder: Builder, frame: StackFrame, node: FunctionNode, decorators: set[str], call: ast.expr
) -> ast.expr | list[ast.stmt]:
    """The call made to run: awaited, iterated or entered, as the function's kind asks."""
    generator = is_generator(node)
    if node.name in ("__setitem__", "__delitem__") and (done := _item_statement(node.name, call)) is not None:
        return [done]
    if decorators & {"contextmanager", "asynccontextmanager"}:
        item = ast.withitem(call, None)
        if isinstance(node, ast.AsyncFunctionDef):
            builder.is_async = True
            return [ast.AsyncWith([item], [ast.Pass()], lineno=0)]
        return [ast.With([item], [ast.Pass()], lineno=0)]
    if node.name in WITHS and isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        entered = ast.withitem(call.func.value, None)
        if node.name.startswith("__a"):
            builder.is_async = True
            return [ast.AsyncWith([entered], [ast.Pass()], lineno=0)]
        return [ast.With([entered], [ast.Pass()], lineno=0)]
    if isinstance(node, ast.AsyncFunctionDef):
        builder.is_async = True
        if generator:
            target = ast.Name("item", ast.Store())
            return ast.ListComp(ast.Name("item"), [ast.comprehension(target, call, [], 1)])
        return _for_a_while(builder, call) if is_endless(frame) else ast.Await(call)
    if generator and node.name not in UNARY_CALLS:
        return ast.Call(ast.Name("list"), [call], [])
    return call


def is_endless(frame: StackFrame) -> bool:
    """Whether the function was in a `while True` that it leaves by an error alone."""
    loops = [item for item in frame.view.before if isinstance(item, ast.While) and id(item) in frame.view.enclosing]
    return any(
        isinstance(loop.test, ast.Constant)
        and bool(loop.test.value)
        and not any(isinstance(part, ast.Break | ast.Return) for part in ast.walk(loop))
        for loop in loops
    )


def _for_a_while(builder: Builder, call: ast.expr) -> list[ast.stmt]:
    """A coroutine that goes on for ever once nothing is wrong, given a second."""
    asyncio = builder.import_module("asyncio")
    limited = ast.Call(ast.Attribute(asyncio, "wait_for"), [call, ast.Constant(1)], [])
    late = ast.Call(builder.name("contextlib:suppress"), [ast.Attribute(asyncio, "TimeoutError")], [])
    return [ast.With([ast.withitem(late, None)], [ast.Expr(ast.Await(limited))], lineno=0)]


def _item_statement(name: str, call: ast.expr) -> ast.stmt | None:
    """`subject[key] = value` or `del subject[key]` for the call of the method that it runs."""
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr != name:
        return None
    if name == "__delitem__" and len(call.args) == 1:
        return ast.Delete([ast.Subscript(call.func.value, _index(call.args[0]), ast.Del())])
    if name == "__setitem__" and len(call.args) == 2:
        target = ast.Subscript(call.func.value, _index(call.args[0]), ast.Store())
        return ast.Assign([target], call.args[1], lineno=0)
    return None


def is_generator(node: FunctionNode) -> bool:
    stack: list[ast.AST] = list(node.body)
    while stack:
        item = stack.pop()
        if isinstance(item, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            stack += ast.iter_child_nodes(item)
    return False


def decorator(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _method(builder: Builder, frame: StackFrame, node: FunctionNode, decorators: set[str]) -> ast.expr:
    if "staticmethod" in decorators or "classmethod" in decorators:
        skip = 1 if "classmethod" in decorators else 0
        owner = f"{frame.module}:{frame.class_name}"
        if skip:
            wire = frame.variables.get(frame.view.parameters[0])
            if isinstance(wire, str) and wire.startswith("<class '"):
                owner = objects.class_path(builder, frame, wire[8:].rstrip("'>"))
        positional, keywords = arguments(builder, frame, node, skip)
        return ast.Call(ast.Attribute(builder.name(builder.names.public(owner)), node.name), positional, keywords)
    if node.name in MAKES:
        path = objects.runtime_class(builder, frame, frame.variables.get("self"))
        if node.name == "__post_init__":
            return objects.by_constructor(builder, frame, path, builder.names.describe(path), f"{frame.index}.self")
        positional, keywords = arguments(builder, frame, node, skip=1)
        return ast.Call(builder.name(builder.names.public(path)), positional, keywords)
    own = frame.view.parameters[0] if frame.view.parameters else "self"
    receiver = builder.bind(frame, own, "entry")
    emptied.as_it_was(builder, frame, own, receiver)
    if decorators & {"property", "cached_property", "hybrid_property", "reify"} or "getter" in decorators:
        return ast.Attribute(receiver, node.name)
    positional, keywords = arguments(builder, frame, node, skip=1)
    return _dunder(builder, receiver, node.name, positional, keywords) or ast.Call(
        ast.Attribute(receiver, _unmangled(frame, node.name)), positional, keywords
    )


def _unmangled(frame: StackFrame, name: str) -> str:
    if name.startswith("__") and not name.endswith("__"):
        return f"_{frame.view.classes[-1].lstrip('_')}{name}"
    return name


def _dunder(
    builder: Builder, receiver: ast.expr, name: str, given: list[ast.expr], keywords: list[ast.keyword]
) -> ast.expr | None:
    """A special method through the syntax that calls it."""
    if name in BINARY and given:
        return ast.BinOp(receiver, BINARY[name](), given[0])
    if name.replace("__r", "__") in BINARY and given and name != "__rshift__":
        return ast.BinOp(given[0], BINARY[name.replace("__r", "__")](), receiver)
    if name in COMPARE and given:
        return ast.Compare(receiver, [COMPARE[name]()], [given[0]])
    if name == "__contains__" and given:
        return ast.Compare(given[0], [ast.In()], [receiver])
    if name == "__getitem__" and given:
        return ast.Subscript(receiver, _index(given[0]), ast.Load())
    if name in ("__missing__", "__class_getitem__") and given:
        return ast.Subscript(receiver, given[0], ast.Load())
    if name in ("__getattr__", "__getattribute__") and given and isinstance(given[0], ast.Constant):
        attribute = str(given[0].value)
        if attribute in COPIES:  # asked for by copy and pickle alone
            ways = [(0.0 if way == COPIES[attribute] else 1.5, way) for way in ("copy", "deepcopy", "pickle")]
            return _copied(builder, receiver, builder.choices.pick(f"how {attribute} was asked for", ways))
        return ast.Attribute(receiver, attribute) if attribute.isidentifier() else None
    if name in ("__getstate__", "__reduce__", "__reduce_ex__"):
        return ast.Call(builder.name("pickle:dumps"), [receiver], [])
    if name in ("__copy__", "__deepcopy__"):
        return ast.Call(builder.name(f"copy:{name.strip('_')}"), [receiver], [])
    if name == "__call__":
        return ast.Call(receiver, given, keywords)
    if name == "__format__":
        return ast.Call(ast.Name("format"), [receiver, *given], [])
    if UNARY_CALLS.get(name):
        return ast.Call(ast.Name(UNARY_CALLS[name]), [receiver], [])
    return None


def _copied(builder: Builder, receiver: ast.expr, way: str) -> ast.expr:
    """The object copied, or pickled and read back."""
    if way != "pickle":
        return ast.Call(builder.name(f"copy:{way}"), [receiver], [])
    return ast.Call(builder.name("pickle:loads"), [ast.Call(builder.name("pickle:dumps"), [receiver], [])], [])


def _index(node: ast.expr) -> ast.expr:
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "slice"
        and len(node.args) == 3
    ):
        parts = [None if isinstance(item, ast.Constant) and item.value is None else item for item in node.args]
        return ast.Slice(parts[0], parts[1], parts[2])
    return node


def arguments(
    builder: Builder, frame: StackFrame, node: FunctionNode, skip: int
) -> tuple[list[ast.expr], list[ast.keyword]]:
    """Arguments for the frame's function; parameters that held their default are left out."""
    shape = node.args
    plain = [*shape.posonlyargs, *shape.args][skip:]
    defaults: dict[str, ast.expr] = dict(
        zip(
            [item.arg for item in plain][len(plain) - len(shape.defaults) :] if shape.defaults else [],
            shape.defaults,
            strict=False,
        )
    )
    defaults.update(
        {item.arg: value for item, value in zip(shape.kwonlyargs, shape.kw_defaults, strict=True) if value is not None}
    )
    defaults = {name: value for name, value in defaults.items() if not is_injected(value)}
    positional: list[ast.expr] = []
    keywords: list[ast.keyword] = []
    for item in plain:
        value = argument(builder, frame, item.arg, defaults.get(item.arg))
        if value is None:
            continue
        if keywords or (item.arg in defaults and item not in shape.posonlyargs):
            keywords.append(ast.keyword(item.arg, value))
        else:
            positional.append(value)
    if shape.vararg and (extra := frame.variables.get(shape.vararg.arg)) and isinstance(extra, list) and not keywords:
        for at, wire in enumerate(extra):
            positional.append(
                values.build(builder, frame, shape.vararg.arg, wire, f"{frame.index}.{shape.vararg.arg}[{at}]")
            )
    for item in shape.kwonlyargs:
        value = argument(builder, frame, item.arg, defaults.get(item.arg))
        if value is not None:
            keywords.append(ast.keyword(item.arg, value))
    if shape.kwarg and isinstance(more := frame.variables.get(shape.kwarg.arg), dict):
        for name, wire in more.items():
            if name.isidentifier():
                key = f"{frame.index}.{shape.kwarg.arg}.{name}"
                keywords.append(ast.keyword(name, values.build(builder, frame, name, wire, key)))
    return positional, keywords


def is_injected(default: ast.expr) -> bool:
    """Whether a default only marks what FastAPI hands in: `db: Session = Depends(get_db)`."""
    return isinstance(default, ast.Call) and ast.unparse(default.func).rpartition(".")[2] in INJECTED


def argument(builder: Builder, frame: StackFrame, name: str, default: ast.expr | None) -> ast.expr | None:
    """The value of one parameter, None to leave it out."""
    if name in builder.substitutes:
        return builder.substitutes[name]
    if default is not None:
        if name not in frame.variables:
            return None
        if holds_default(frame, name, default):
            return None
        if values.trust(frame.variables[name]) >= 2:
            keep = builder.choices.pick(f"{frame.index}.{name}:given", [(0.3, False), (0.8, True)])
            if not keep:
                return None
    return builder.bind(frame, name, "entry")


def holds_default(frame: StackFrame, name: str, default: ast.expr) -> bool:
    """Whether the captured value reads like the default in the signature."""
    wire = frame.variables[name]
    try:
        text = repr(ast.literal_eval(default))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        text = ast.unparse(default)
    if isinstance(wire, str):
        return wire == text
    if isinstance(wire, list):
        return not wire and text in ("()", "[]", "set()", "frozenset()")
    return isinstance(wire, dict) and not wire and text == "{}"
