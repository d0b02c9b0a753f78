"""Attributes that were None at the crash, as its error says: set so on the object that stands for theirs."""

import ast
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder
    from triage.drafting.replay.stack.scene import Scene, StackFrame

_LATER = 2.5
_DONE = ("emptied", "")
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def _attribute(node: ast.AST, match: "re.Match[str]") -> list[ast.expr]:
    return [node.value] if isinstance(node, ast.Attribute) and node.attr == match[1] else []


def _item(node: ast.AST, match: "re.Match[str]") -> list[ast.expr]:
    return [node.value] if isinstance(node, ast.Subscript) else []


def _gone_through(node: ast.AST, match: "re.Match[str]") -> list[ast.expr]:
    if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        return [node.iter]
    if isinstance(node, ast.Starred):
        return [node.value]
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple | ast.List):
        return [node.value]
    return node.args if isinstance(node, ast.Call) else []


def _argument(node: ast.AST, match: "re.Match[str]") -> list[ast.expr]:
    return [*node.args, *(item.value for item in node.keywords)] if isinstance(node, ast.Call) else []


def _searched(node: ast.AST, match: "re.Match[str]") -> list[ast.expr]:
    return node.comparators if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn) else []


def _called(node: ast.AST, match: "re.Match[str]") -> list[ast.expr]:
    return [node.func] if isinstance(node, ast.Call) else []


def _operand(node: ast.AST, match: "re.Match[str]") -> list[ast.expr]:
    if isinstance(node, ast.AugAssign):
        return [node.target, node.value]
    return [node.left, node.right] if isinstance(node, ast.BinOp) else []


def _compared(node: ast.AST, match: "re.Match[str]") -> list[ast.expr]:
    return [node.left, *node.comparators] if isinstance(node, ast.Compare) else []


_Role = Callable[[ast.AST, "re.Match[str]"], list[ast.expr]]
# CPython's words for what was done to a None, and where in the statement that stands.
_ROLES: tuple[tuple["re.Pattern[str]", _Role], ...] = tuple(
    (re.compile(words), role)
    for words, role in (
        (r"'NoneType' object has no attribute '(\w+)'", _attribute),
        (r"'NoneType' object (?:is not subscriptable|does not support item)", _item),
        (r"^object of type 'NoneType' has no len", _argument),
        (r"argument of type 'NoneType' is not", _searched),
        (r"'NoneType' object is not (?:iterable|an iterator)|cannot unpack non-iterable NoneType", _gone_through),
        (r"'NoneType' object is not callable", _called),
        (r"unsupported operand type\(s\) for .*'NoneType'", _operand),
        (r"not supported between instances of .*'NoneType'", _compared),
        (r"\bnot '?NoneType'?|\bgot '?NoneType'?", _argument),
    )
)


def attributes(message: str, statement: ast.stmt, owner: str) -> list[str]:
    """The attributes of the variable `owner` that, by the error's message, may have been None in the statement."""
    for pattern, role in _ROLES:
        if match := pattern.search(message[:500]):
            found = (part for node in _head(statement) for part in role(node, match))
            return list(
                dict.fromkeys(
                    part.attr
                    for part in found
                    if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == owner
                )
            )
    return []


def _head(node: ast.AST) -> Iterator[ast.AST]:
    """A statement's nodes without the blocks below it."""
    yield node
    for name, value in ast.iter_fields(node):
        if isinstance(node, ast.stmt) and name in _BLOCKS:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _head(child)


def as_it_was(builder: "Builder", frame: "StackFrame", name: str, made: ast.expr) -> None:
    """Where `name` of the frame is the object on which the crash happened: the attribute that was None there is set
    so on `made`, when nothing else brings it about."""
    if _DONE in builder.bound or not _is_the_one(builder.scene, frame, name):
        return
    last, crash = builder.scene.repo_frames[-1], builder.scene.event.crash
    if crash is None or last.view.statement is None:
        return
    names = attributes(crash.value, last.view.statement, last.view.parameters[0])
    if not names:
        return
    builder.bound[_DONE] = made
    options: list[tuple[float, str]] = [(0.0, ""), *((_LATER + 0.3 * at, item) for at, item in enumerate(names[:3]))]
    chosen = builder.choices.pick("the attribute that was None", options)
    if chosen:
        builder.notes.append(f"{chosen} is set to None, as it was in production")
        builder.add(ast.Assign([ast.Attribute(made, chosen, ast.Store())], ast.Constant(None), lineno=0))


def _is_the_one(scene: "Scene", frame: "StackFrame", name: str) -> bool:
    """Whether a variable held the receiver of the function that crashed: there itself, else by the same address."""
    last = scene.repo_frames[-1]
    if not last.view.parameters[:1] or not last.class_name:
        return False
    if frame.index == last.index:
        return name == last.view.parameters[0]
    wire = frame.variables.get(name)
    return isinstance(wire, str) and " at 0x" in wire and wire == last.variables.get(last.view.parameters[0])
