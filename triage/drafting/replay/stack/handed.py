"""What a function of another program was called with, when only its one line and its caller's line are known.

A printed traceback shows `print(total({"rows": []}))` and, one frame further, `return add(order["rows"])`:
the names of the second line that nothing explains stand for the arguments of the first.
"""

import ast
import builtins
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from triage.drafting.replay.building import objects
from triage.drafting.replay.stack import flow
from triage.drafting.replay.stack.scene import Kind, StackFrame

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

READING = ("get", "pop", "items", "keys", "values", "setdefault")


def nodes(builder: "Builder", frame: StackFrame, name: str) -> list[tuple[float, ast.expr]]:
    """The caller's arguments that `name` of the frame's line may stand for, each with its cost, likeliest first."""
    outer = builder.outer(frame)
    if frame.kind is not Kind.SERVICE or frame.view.node is not None or frame.view.statement is None or not outer:
        return []
    if frame.variables:  # what is no variable of the function is a global
        return []
    caller = next((item for item in reversed(outer) if not item.is_comprehension), None)
    call = flow.call_of(caller, frame) if caller is not None and caller.kind is Kind.SERVICE else None
    if call is None or frame.view.statement is None:
        return []
    statement = frame.view.statement
    unknown = [item for item in names_of(statement) if not _is_called(statement, item)]
    unknown = [item for item in unknown if item == name or not builder.names.is_top(item)]
    if name not in unknown:
        return []
    in_order = len(unknown) == len(call.args)
    found: list[tuple[float, ast.expr]] = []
    for item in call.keywords:
        if item.arg is not None:
            found.append((0.1 if item.arg == name else 1.5, item.value))
    for at, node in enumerate(call.args):
        if isinstance(node, ast.Starred):
            continue
        fits, place = fitness(statement, name, node), abs(unknown.index(name) - at)
        exact = fits > 0 or (in_order and not place)
        found.append((3.0 if fits < 0 else 0.1 if exact else 0.7 + 0.3 * place, node))
    return sorted(found, key=lambda item: item[0])[:4]


def receiver(builder: "Builder", frame: StackFrame, name: str) -> list[tuple[float, Callable[[], ast.expr]]]:
    """The way to make `name` where the line calls a method on it, and the repo's frame of that method follows."""
    if frame.kind is not Kind.SERVICE or frame.view.statement is None or frame.variables:
        return []
    following = builder.scene.frames[frame.index + 1 : frame.index + 4]
    callee = next((item for item in following if item.kind is Kind.REPO and not item.is_comprehension), None)
    if callee is None or not callee.class_name or callee.view.node is None:
        return []
    for part in ast.walk(frame.view.statement):
        if not isinstance(part, ast.Call) or not isinstance(part.func, ast.Attribute) or part.func.attr != callee.name:
            continue
        if isinstance(part.func.value, ast.Name) and part.func.value.id == name:
            return [(0.6, partial(_made, builder, callee, name))]
    return []


def _made(builder: "Builder", callee: StackFrame, name: str) -> ast.expr:
    path = f"{callee.module}:{callee.class_name}"
    return builder.assign(name, objects.construct(builder, callee, path, f"handed.{name}"))


def over(builder: "Builder", frame: StackFrame, name: str, node: ast.expr) -> ast.expr:
    """The argument, written as the caller wrote it."""
    caller = next(item for item in reversed(builder.outer(frame)) if not item.is_comprehension)
    return builder.assign(name, builder.expression(caller, node))


def names_of(statement: ast.stmt) -> list[str]:
    """Names that a statement reads and does not bind, in their order, without those of Python itself."""
    bound = {
        part.id for part in ast.walk(statement) if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)
    }
    read = [part for part in ast.walk(statement) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)]
    read.sort(key=lambda part: (part.lineno, part.col_offset))
    names = dict.fromkeys(part.id for part in read)
    return [name for name in names if name not in bound and not hasattr(builtins, name)]


def fitness(statement: ast.stmt, name: str, node: ast.expr) -> int:
    """1 where what the statement does with `name` suits the argument, -1 where it does not, 0 where nothing tells."""
    if isinstance(node, ast.Name):
        return 1 if node.id == name else 0
    for part in ast.walk(statement):
        inner = part.value if isinstance(part, ast.Subscript | ast.Attribute) else None
        if not isinstance(inner, ast.Name) or inner.id != name:
            continue
        if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant):
            key = part.slice.value
            if isinstance(node, ast.Dict):
                return 1 if any(isinstance(item, ast.Constant) and item.value == key for item in node.keys) else -1
            if isinstance(node, ast.Constant | ast.List | ast.Tuple):
                return -1 if isinstance(key, str) else 1
        if isinstance(part, ast.Attribute) and isinstance(node, ast.Dict):
            return 1 if part.attr in READING else -1
        if isinstance(part, ast.Attribute) and isinstance(node, ast.Constant):
            return 1 if hasattr(node.value, part.attr) else -1
    return 0


def _is_called(statement: ast.stmt, name: str) -> bool:
    return any(
        isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == name
        for part in ast.walk(statement)
    )
