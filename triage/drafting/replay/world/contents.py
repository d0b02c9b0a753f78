"""What the calling program put into a file, as far as its visible lines say it outright.

`open(path, "w")` with a `write`, `path.write_text(...)`, `json.dump(...)`, or the content beside the file's name
in a tuple, a mapping or a call. Expressions are reckoned here, never run: literals, and what is plainly made of them.
"""

import ast
import json
import re
import textwrap
from collections.abc import Iterator, Sequence

from triage.drafting.replay.stack.scene import Kind, Scene

Content = str | bytes
MOST = 300_000
DEPTH = 60


class Unknown(Exception):
    """The expression is not made of literals alone."""


def written(scene: Scene, name: str) -> list[Content]:
    """Contents that programs on the stack gave to the file of that name, likeliest first."""
    found: dict[Content, None] = {}
    for frame in reversed(scene.frames):
        if frame.kind is not Kind.SERVICE:
            continue
        nodes = [*frame.view.before, *(node for _, node in frame.source.loose)]
        for node in expressions(nodes, name):
            try:
                value = reckoned(node, nodes)
            except (Unknown, ValueError, TypeError, LookupError, OverflowError, MemoryError, RecursionError):
                continue
            if isinstance(value, str | bytes) and len(value) <= MOST and value != name:
                found.setdefault(value)
    return list(found)


def expressions(nodes: Sequence[ast.stmt], name: str) -> Iterator[ast.expr]:
    """The expressions whose value went into the file."""
    paths = _variables(nodes, name)
    every = [part for node in nodes for part in ast.walk(node)]
    for part in every:
        if isinstance(part, ast.With):
            for item in part.items:
                target = item.optional_vars
                if isinstance(target, ast.Name) and _names_file(item.context_expr, name, paths):
                    yield from writes(part.body, target.id)
        elif (
            isinstance(part, ast.Call)
            and isinstance(part.func, ast.Attribute)
            and part.func.attr in ("write_text", "write_bytes")
            and part.args
            and _names_file(part.func.value, name, paths)
        ):
            yield part.args[0]
    for part in every:
        if isinstance(part, ast.Dict):
            yield from (value for key, value in zip(part.keys, part.values, strict=True) if key and _is_name(key, name))
        else:
            beside = _side_by_side(part)
            if any(_is_name(item, name) for item in beside):
                yield from (item for item in beside if not _is_name(item, name))


def _side_by_side(node: ast.AST) -> list[ast.expr]:
    """What stands in a row: items, or the arguments of a call that does not join a path."""
    if isinstance(node, ast.Tuple | ast.List):
        return node.elts
    joins = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join"
    return node.args if isinstance(node, ast.Call) and not joins else []


def _variables(nodes: Sequence[ast.stmt], name: str) -> set[str]:
    """Variables that hold the path of the file."""
    found: set[str] = set()
    for node in nodes:
        for part in ast.walk(node):
            if not isinstance(part, ast.Assign) or not isinstance(part.targets[0], ast.Name):
                continue
            if any(_is_name(item, name) for item in ast.walk(part.value)):
                found.add(part.targets[0].id)
    return found


def _names_file(node: ast.expr, name: str, paths: set[str]) -> bool:
    return any(_is_name(part, name) or (isinstance(part, ast.Name) and part.id in paths) for part in ast.walk(node))


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.rpartition("/")[2] == name


def writes(body: Sequence[ast.stmt], target: str) -> Iterator[ast.expr]:
    """What is written to the open file `target`."""
    for node in body:
        for part in ast.walk(node):
            if not isinstance(part, ast.Call) or not isinstance(part.func, ast.Attribute) or not part.args:
                continue
            owner = part.func.value
            if part.func.attr == "write" and isinstance(owner, ast.Name) and owner.id == target:
                yield part.args[0]
            elif part.func.attr == "dump" and any(_is_variable(item, target) for item in part.args[1:]):
                yield ast.Call(ast.Attribute(ast.Name("json"), "dumps"), part.args[:1], part.keywords)


def _is_variable(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def reckoned(node: ast.expr, nodes: Sequence[ast.stmt] = (), depth: int = 0) -> object:
    """The value of an expression made of literals. Raises Unknown, or what the operation itself raises."""
    if depth > DEPTH:
        raise Unknown
    inner = depth + 1
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return reckoned(_assigned(node.id, nodes), (), inner)  # one step: a name may be made of itself
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        items = [reckoned(item, nodes, inner) for item in node.elts]
        return tuple(items) if isinstance(node, ast.Tuple) else items
    if isinstance(node, ast.Dict):
        return {
            reckoned(key, nodes, inner): reckoned(value, nodes, inner)
            for key, value in zip(node.keys, node.values, strict=True)
            if key is not None
        }
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = reckoned(node.operand, nodes, inner)
        if isinstance(value, int | float):
            return -value
    if isinstance(node, ast.BinOp):
        return _joined(node.op, reckoned(node.left, nodes, inner), reckoned(node.right, nodes, inner))
    if isinstance(node, ast.Call):
        return _called(node, nodes, inner)
    raise Unknown


def _assigned(name: str, nodes: Sequence[ast.stmt]) -> ast.expr:
    for node in nodes:
        if isinstance(node, ast.Assign) and any(_is_variable(item, name) for item in node.targets):
            return node.value
    raise Unknown


def _joined(operator: ast.operator, left: object, right: object) -> object:
    """`a + b`, `a * n`, `a % b`, for texts and bytes of a decent length."""
    if isinstance(operator, ast.Mult):
        left, right = (right, left) if isinstance(left, int) else (left, right)
        if isinstance(left, str | bytes | list) and isinstance(right, int) and len(left) * max(right, 0) <= MOST:
            return left * right
    elif isinstance(operator, ast.Add):
        if isinstance(left, str) and isinstance(right, str):
            return left + right
        if isinstance(left, bytes) and isinstance(right, bytes):
            return left + right
    elif isinstance(operator, ast.Mod) and isinstance(left, str) and not re.search(r"\d{4}|\*", left):
        return left % right
    raise Unknown


def _called(node: ast.Call, nodes: Sequence[ast.stmt], depth: int) -> object:
    """The few calls that make texts of texts."""
    if node.keywords and not all(item.arg in ("encoding", "indent") for item in node.keywords):
        raise Unknown
    arguments = [reckoned(item, nodes, depth) for item in node.args]
    named = {str(item.arg): reckoned(item.value, nodes, depth) for item in node.keywords}
    called = ast.unparse(node.func)
    if called in ("bytes", "bytearray") and len(arguments) == 1 and isinstance(arguments[0], list | bytes):
        return bytes(arguments[0])
    if called == "range" and arguments and all(isinstance(item, int) and abs(item) <= MOST for item in arguments):
        return list(range(*[item for item in arguments if isinstance(item, int)]))
    if called in ("textwrap.dedent", "dedent") and len(arguments) == 1 and isinstance(arguments[0], str):
        return textwrap.dedent(arguments[0])
    if called == "json.dumps" and len(arguments) == 1:
        return json.dumps(arguments[0])
    if called == "bytes.fromhex" and len(arguments) == 1 and isinstance(arguments[0], str):
        return bytes.fromhex(arguments[0])
    if not isinstance(node.func, ast.Attribute):
        raise Unknown
    owner = reckoned(node.func.value, nodes, depth)
    given = arguments or list(named.values())
    if node.func.attr == "encode" and isinstance(owner, str):
        return owner.encode(*[str(item) for item in given[:1]])
    if node.func.attr == "join" and len(arguments) == 1 and isinstance(arguments[0], list | tuple):
        parts = list(arguments[0])
        if isinstance(owner, str) and all(isinstance(item, str) for item in parts):
            return owner.join(str(item) for item in parts)
        if isinstance(owner, bytes) and all(isinstance(item, bytes) for item in parts):
            return owner.join(item for item in parts if isinstance(item, bytes))
    if node.func.attr in ("strip", "lstrip", "rstrip", "upper", "lower") and isinstance(owner, str) and not arguments:
        return str(getattr(owner, node.func.attr)())
    raise Unknown
