"""Plain stand-ins for rows and objects that nobody printed, with the items or attributes that are read of them."""

import ast
import re
from typing import TYPE_CHECKING

from triage.drafting.replay.building import values
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.stack import flow, told
from triage.drafting.replay.stack.scene import StackFrame

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

OPAQUE = 1.2
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+>")
ROW = re.compile(r"<(?:sqlite3\.Row|[\w.]*\bRow(?:Mapping|Proxy)?|[\w.]*Record|[\w.]*DictRow)\b.*>", re.DOTALL)


def subscripted(builder: "Builder", frame: StackFrame, text: str, ordinary: bool = False) -> ast.expr | None:
    """A mapping for an expression of which the function reads items, or another one that holds the same object:
    those that the error tells, or that it passed on as they were, others filled in; all filled in for an `ordinary`
    one. None where nobody reads items."""
    keys: dict[str, ast.expr] = {}
    for reader, name in reversed(_readers(builder, frame, text)):
        said = {} if ordinary else told.values(builder, reader)
        for part in ast.walk(reader.view.node) if reader.view.node is not None else ():
            if not isinstance(part, ast.Subscript) or ast.unparse(part.value) != name:
                continue
            if not isinstance(part.slice, ast.Constant) or not isinstance(part.slice.value, str):
                continue
            if part.slice.value not in keys:
                keys[part.slice.value] = _filled(reader, part) if ordinary else _value(builder, reader, part, said)
    return ast.Dict([ast.Constant(key) for key in keys], list(keys.values())) if keys else None


def _readers(builder: "Builder", frame: StackFrame, text: str) -> list[tuple[StackFrame, str]]:
    """The frame and the expression, then the frames further in with a variable that holds the very same object."""
    wire = frame.variables.get(text)
    if not isinstance(wire, str) or _ADDRESS.search(wire) is None:
        return [(frame, text)]
    inner = [item for item in builder.scene.repo_frames if item.index > frame.index]
    return [
        (frame, text),
        *((item, name) for item in inner for name, other in item.variables.items() if other == wire),
    ]


def _value(builder: "Builder", frame: StackFrame, part: ast.expr, said: dict[str, str]) -> ast.expr:
    """What one item or attribute gets: what the error tells, what was passed on or is held, else what fits its use."""
    text = ast.unparse(part)
    if text in said:
        return told.written(builder, said[text])
    return passed_on(builder, frame, part) or _held(builder, frame, part) or _filled(frame, part)


def _filled(frame: StackFrame, part: ast.expr) -> ast.expr:
    name = part.attr if isinstance(part, ast.Attribute) else ""
    if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant):
        name = str(part.slice.value)
    if name == "id" or name.endswith("_id"):
        return ast.Constant(1)
    return ast.parse(told.by_use(frame, ast.unparse(part)), mode="eval").body


def with_attributes(builder: "Builder", frame: StackFrame, name: str) -> ast.expr | None:
    """A plain object for a name of which the function reads attributes: those that the error tells, that the crash
    line passed on, or a variable holds, as they were, others filled in. None where it reads none."""
    node = frame.view.node
    said = told.values(builder, frame)
    fields: dict[str, ast.expr] = {}
    called = {id(part.func) for part in ast.walk(node) if isinstance(part, ast.Call)} if node is not None else set()
    for part in ast.walk(node) if node is not None else ():
        if not isinstance(part, ast.Attribute) or not isinstance(part.value, ast.Name) or part.value.id != name:
            continue
        if part.attr in fields:
            continue
        if id(part) in called:
            fields[part.attr] = ast.Call(builder.name("unittest.mock:MagicMock"), [], [])
        else:
            value = _value(builder, frame, part, said)
            is_guess = isinstance(value, ast.Constant) and value.value == "x"
            fields[part.attr] = ast.Constant(True) if is_guess and part.attr.startswith("is_") else value
    if not fields:
        return None
    keywords = [ast.keyword(label, value) for label, value in fields.items()]
    return ast.Call(builder.name("types:SimpleNamespace"), [], keywords)


def _held(builder: "Builder", frame: StackFrame, node: ast.expr) -> ast.expr | None:
    """The value of `variable = node` that the variable still has."""
    for statement in frame.view.before:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.value) == ast.unparse(node):
            target = statement.targets[0]
            if isinstance(target, ast.Name) and target.id in frame.variables:
                return builder.captured(frame, target.id, f"{frame.index}.{target.id}")
    return None


def row_like(builder: "Builder") -> ast.expr:
    """A mapping for rows that nobody printed: with the columns that the stack's functions read of them, worth what
    the error tells."""
    columns: dict[str, ast.expr] = {}
    for frame in reversed(builder.scene.repo_frames):
        said = told.values(builder, frame)
        for item in ast.walk(frame.view.node) if frame.view.node is not None else ():
            if not isinstance(item, ast.Subscript) or not isinstance(item.slice, ast.Constant):
                continue
            name = item.slice.value
            if not isinstance(name, str) or name in columns or not _is_row(frame, item.value):
                continue
            text = ast.unparse(item)
            columns[name] = told.written(builder, said[text]) if text in said else _filled(frame, item)
    if not columns:
        raise Dead("nothing tells which columns the rows have")
    return ast.Dict([ast.Constant(name) for name in columns], list(columns.values()))


def _is_row(frame: StackFrame, node: ast.expr) -> bool:
    """Whether the expression is a row, or an item of a list of rows, as the frame's values show."""
    base = node.value if isinstance(node, ast.Subscript) else node
    wire = frame.variables.get(base.id) if isinstance(base, ast.Name) else None
    first = wire[0] if isinstance(wire, list) and wire else wire
    return isinstance(first, str) and ROW.fullmatch(first) is not None


def passed_on(builder: "Builder", frame: StackFrame, node: ast.expr) -> ast.expr | None:
    """What an expression was worth when the crash line passed it to the next function."""
    following = next((item for item in builder.scene.frames if item.index == frame.index + 1), None)
    call = flow.call_of(frame, following) if following is not None and following.view.node is not None else None
    for label in following.view.parameters if following is not None and call is not None else ():
        given = flow.argument_for(call, following, label) if call is not None and following is not None else None
        if given is None or ast.unparse(given) != ast.unparse(node) or following is None:
            continue
        if label in following.variables and values.trust(following.variables[label]) < OPAQUE:
            return builder.captured(following, label, f"{following.index}.{label}")
    return None
