"""Stand-ins told by what was read of them: an object whose attribute the next function received, and a twin."""

import ast
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from triage.drafting.replay.building import values
from triage.drafting.replay.building.rebind import Rebind
from triage.drafting.replay.stack import flow
from triage.drafting.replay.stack.operations import headers_only
from triage.drafting.replay.stack.scene import Kind, StackFrame

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

OPAQUE = 1.2
CARRIER, TWIN = 2.2, 1.4


def ways(builder: "Builder", frame: StackFrame, name: str, mode: str) -> "list[tuple[float, Callable[[], ast.expr]]]":
    """Ways to stand in for a variable that was captured as nothing that can be made again."""
    if name not in frame.variables or values.trust(frame.variables[name]) < OPAQUE or name in ("self", "cls"):
        return []
    found: list[tuple[float, Callable[[], ast.expr]]] = []
    if name in frame.view.parameters and frame.kind is Kind.REPO and (read := _read(builder, frame, name)):
        found.append((CARRIER, partial(_carrier, builder, frame, name, read)))
    if mode == "crash" and (binding := _twin(frame, name)) is not None:
        found.append((TWIN, partial(_made_alike, builder, frame, name, binding)))
    return found


def _read(builder: "Builder", frame: StackFrame, name: str) -> dict[str, str]:
    """Attributes of the variable that the line passed on, each with the parameter that still holds it."""
    following = next((item for item in builder.scene.frames if item.index == frame.index + 1), None)
    call = flow.call_of(frame, following) if following is not None and following.view.node is not None else None
    if following is None or not isinstance(call, ast.Call):
        return {}
    found: dict[str, str] = {}
    for label in following.view.parameters:
        node = flow.argument_for(call, following, label)
        if isinstance(node, ast.BoolOp):  # `node.text or ""`
            node = node.values[0]
        if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name):
            continue
        if label in following.variables and values.trust(following.variables[label]) < OPAQUE:
            found[node.attr] = label
    return found


def _carrier(builder: "Builder", frame: StackFrame, name: str, read: dict[str, str]) -> ast.expr:
    """A bare object with those attributes; a mock where the function asks more of it."""
    following = builder.scene.frames[frame.index + 1]
    given = [
        ast.keyword(attribute, builder.captured(following, label, f"{following.index}.{label}"))
        for attribute, label in read.items()
    ]
    statement = frame.view.statement
    roots = [*frame.view.before, *([headers_only(statement)] if statement is not None else [])]
    asked = {
        part.attr
        for root in roots
        for part in ast.walk(root)
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == name
    }
    maker = "types:SimpleNamespace" if asked <= set(read) else "unittest.mock:MagicMock"
    builder.notes.append(f"{name} is a stand-in with what the next function got of it")
    return builder.assign(name, ast.Call(builder.name(maker), [], given), keep=True)


def _twin(frame: StackFrame, name: str) -> ast.expr | None:
    """The call that another variable, which printed the very same, was assigned from."""
    wire = frame.variables[name]
    for other, held in frame.variables.items():
        if other == name or held != wire or " at 0x" in str(wire):
            continue
        binding = flow.last_binding(frame.view, other)
        if isinstance(binding, ast.Assign) and isinstance(binding.value, ast.Call):
            return binding.value
    return None


def _made_alike(builder: "Builder", frame: StackFrame, name: str, value: ast.expr) -> ast.expr:
    builder.notes.append(f"{name} is made as the variable beside it that printed the same")
    return builder.assign(name, Rebind(builder, frame, "crash").expression(value), keep=True)
