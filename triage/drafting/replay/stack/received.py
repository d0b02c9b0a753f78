"""What an argument was that its caller's lines do not explain: the frames that it was handed to still hold it."""

import ast
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from triage.domain.event import Json
from triage.drafting.replay.building import values
from triage.drafting.replay.stack import flow
from triage.drafting.replay.stack.reprs import read_repr
from triage.drafting.replay.stack.scene import Kind, StackFrame

if TYPE_CHECKING:
    from collections.abc import Callable

    from triage.drafting.replay.building.builder import Builder

MOST = 3
SHORTEST = 3


def ways(
    builder: "Builder", frame: StackFrame, node: ast.expr, key: str
) -> "list[tuple[float, Callable[[], ast.expr]]]":
    """What `node`, an argument of the call that `frame` was at, may have been: the parameter of that function, one of
    its name further inward, or a text that appears inside and that nothing outside explains."""
    found: list[tuple[float, Callable[[], ast.expr]]] = []
    inner = builder.scene.frames[frame.index + 1 :] if frame.index < len(builder.scene.frames) else ()
    name = parameter(builder, frame, node)
    for at, holder in enumerate(inner if name else ()):
        if name in holder.variables and values.trust(holder.variables[name]) < 1 and len(found) < MOST:
            found.append((0.1 + 0.2 * at, partial(values.build, builder, holder, name, holder.variables[name], key)))
    for at, (text, several) in enumerate(unexplained(builder, frame)):
        made: ast.expr = ast.Constant(text)
        found.append((0.5 + 0.3 * at, partial(_given, ast.List([made]) if several else made)))
        found.append((0.9 + 0.3 * at, partial(_given, made if several else ast.List([made]))))
    return found


def parameter(builder: "Builder", frame: StackFrame, node: ast.expr) -> str:
    """The parameter of the function that the stack goes on in that `node` is handed over as; "" for no such."""
    statement = frame.view.statement
    following = builder.scene.frames[frame.index + 1 : frame.index + 2]
    if statement is None or not following or following[0].view.node is None:
        return ""
    callee = following[0]
    call = flow.call_of(frame, callee)
    if not isinstance(call, ast.Call):
        return ""
    wanted = ast.unparse(node)
    for name in callee.view.parameters:
        given = flow.argument_for(call, callee, name)
        if given is not None and ast.unparse(given) == wanted:
            return name
    return ""


def unexplained(builder: "Builder", frame: StackFrame) -> list[tuple[str, bool]]:
    """Texts that the repo's frames hold and no frame outside of them does, each with whether it lay in a list."""
    outside = {text for item in builder.scene.frames[: frame.index + 1] for text, _ in _all(item)}
    found: dict[tuple[str, bool], None] = {}
    for item in builder.scene.repo_frames:
        for text, several in _all(item):
            known = any(text in other for other in outside) or f"'{text}'" in item.text or f'"{text}"' in item.text
            if not known and (several or (text, True) not in found):
                found[text, several] = None
    return list(found)[:MOST]


def _all(frame: StackFrame) -> Iterator[tuple[str, bool]]:
    for wire in frame.variables.values():
        several = isinstance(wire, list)
        for one in wire[:4] if isinstance(wire, list) else [wire]:
            if (text := _text(one, frame)) is not None:
                yield text, several


def _text(wire: Json, frame: StackFrame) -> str | None:
    """A captured text, or what an object of a library prints that is made of nothing but a text."""
    if not isinstance(wire, str) or len(wire) < SHORTEST or " at 0x" in wire:
        return None
    read = read_repr(wire)
    if read is not None:
        literal = read.tree.value if isinstance(read.tree, ast.Constant) else None
        return literal if isinstance(literal, str) and len(literal) >= SHORTEST else None
    return wire if frame.kind is Kind.REPO and not wire.startswith("<") and len(wire) < 200 else None


def _given(made: ast.expr) -> ast.expr:
    return made
