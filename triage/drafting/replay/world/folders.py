"""What the calling program visibly put into a folder: the files and the folders below it, with what they hold."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from triage.drafting.replay.stack.reprs import read_repr
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.world.contents import Content, Unknown, reckoned, writes

Laid = dict[str, Content | None]
Given = Mapping[str, ast.expr]
MOST = 12
ERRORS = (Unknown, ValueError, TypeError, LookupError, OverflowError, MemoryError, RecursionError)
JOINS = ("join", "joinpath", "Path", "PurePath")


def laid(scene: Scene, folder: str) -> Laid:
    """Relative path and content (None: a folder) of what lies below `folder`, as far as its program says outright."""
    found: Laid = {}
    for frame in scene.frames:
        if frame.kind is not Kind.SERVICE:
            continue
        roots = {name for name in frame.variables if _holds(frame, name, folder)}
        nodes = [*frame.view.before, *([frame.view.statement] if frame.view.statement is not None else [])]
        for node, given in _with_rounds(nodes, {}) if roots else ():
            for path, content in _put(node, roots, nodes, given):
                parts = PurePosixPath(path).parts
                if parts and ".." not in parts and parts[0] != "/" and len(found) < MOST:
                    found.setdefault("/".join(parts), content)
    within = {str(parent) for path in found for parent in PurePosixPath(path).parents}
    return {path: content for path, content in found.items() if content is not None or path not in within}


def _holds(frame: StackFrame, name: str, folder: str) -> bool:
    """Whether the variable is the folder, as a text or as a path."""
    wire = frame.variables[name]
    read = read_repr(wire) if isinstance(wire, str) else None
    parts = [part.value for part in ast.walk(read.tree) if isinstance(part, ast.Constant)] if read is not None else []
    return parts == [folder]


def _with_rounds(nodes: Sequence[ast.stmt], given: Given) -> Iterator[tuple[ast.stmt, Given]]:
    """Every statement, those of a loop over literals once a round with what its names stand for."""
    for node in nodes:
        if isinstance(node, ast.For) and isinstance(node.iter, ast.Tuple | ast.List):
            for item in node.iter.elts[:MOST]:
                yield from _with_rounds(node.body, {**given, **_bound(node.target, item)})
        elif isinstance(node, ast.With):
            yield node, given
            yield from _with_rounds(node.body, given)
        elif isinstance(node, ast.If | ast.Try | ast.For | ast.While):
            yield from _with_rounds(node.body, given)
        else:
            yield node, given


def _bound(target: ast.expr, item: ast.expr) -> dict[str, ast.expr]:
    if isinstance(target, ast.Name):
        return {target.id: item}
    if isinstance(target, ast.Tuple) and isinstance(item, ast.Tuple | ast.List):
        pairs = zip(target.elts, item.elts, strict=False)
        return {name.id: value for name, value in pairs if isinstance(name, ast.Name)}
    return {}


def _put(
    node: ast.stmt, roots: set[str], nodes: Sequence[ast.stmt], given: Given
) -> Iterator[tuple[str, Content | None]]:
    """The (path, content) that one statement puts below the folder."""
    if isinstance(node, ast.With):
        for item in node.items:
            opened, target = item.context_expr, item.optional_vars
            if isinstance(opened, ast.Call) and isinstance(target, ast.Name):
                place = opened.func.value if isinstance(opened.func, ast.Attribute) else next(iter(opened.args), None)
                parts = [_value(part, nodes, given) for part in writes(node.body, target.id)]
                yield from _file(_relative(place, roots, nodes, given), parts)
        return
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    if name in ("mkdir", "makedirs"):
        of_os = call.args and (owner is None or ast.unparse(owner) == "os")
        path = _relative(call.args[0] if of_os else owner, roots, nodes, given)
        if path:
            yield path, None
    elif name in ("write_text", "write_bytes") and call.args:
        yield from _file(_relative(owner, roots, nodes, given), [_value(call.args[0], nodes, given)])


def _file(path: str | None, parts: list[object]) -> Iterator[tuple[str, Content]]:
    """The file with what was written to it one after the other; nothing where a part of that is not known."""
    if not path or not parts:
        return
    if all(isinstance(part, str) for part in parts):
        yield path, "".join(str(part) for part in parts)
    elif all(isinstance(part, bytes) for part in parts):
        yield path, b"".join(part for part in parts if isinstance(part, bytes))


def _value(node: ast.expr, nodes: Sequence[ast.stmt], given: Given) -> object:
    """The value of an expression, None where it is not said outright."""
    if isinstance(node, ast.Name) and node.id in given:
        node = given[node.id]
    try:
        return reckoned(node, nodes)
    except ERRORS:
        return None


def _relative(
    node: ast.expr | None, roots: set[str], nodes: Sequence[ast.stmt], given: Given, depth: int = 0
) -> str | None:
    """The path of an expression below the folder, "" for the folder itself, None for any other place."""
    if node is None or depth > MOST:
        return None
    if isinstance(node, ast.Name):
        if node.id in roots:
            return ""
        made = [
            item.value
            for root in nodes
            for item in ast.walk(root)
            if isinstance(item, ast.Assign) and any(isinstance(t, ast.Name) and t.id == node.id for t in item.targets)
        ]
        return _relative(made[-1], roots, nodes, given, depth + 1) if made else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.Add):
        left, right = node.left, [node.right]
    elif isinstance(node, ast.Call) and node.args:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in (*JOINS, "str"):
            return None
        left, right = (
            (node.func.value, node.args)
            if name == "joinpath" and isinstance(node.func, ast.Attribute)
            else (
                node.args[0],
                node.args[1:],
            )
        )
    else:
        return None
    base = _relative(left, roots, nodes, given, depth + 1)
    parts = [_value(part, nodes, given) for part in right]
    if base is None or not all(isinstance(part, str) for part in parts):
        return None
    return "/".join(part for part in (base, *(str(part).strip("/") for part in parts)) if part)
