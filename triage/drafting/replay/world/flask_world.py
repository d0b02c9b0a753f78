"""What Flask keeps for a visitor between requests: the session, as the view's variables still hold it."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from triage.drafting.replay.building import values
from triage.drafting.replay.stack.scene import StackFrame
from triage.drafting.replay.stack.views import LOOKS_UP

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder


def held(builder: "Builder") -> list[tuple[StackFrame, str, str]]:
    """(frame, variable, key) of everything that the stack's functions took out of Flask's session and still hold."""
    found: dict[str, tuple[StackFrame, str, str]] = {}
    for frame in builder.scene.repo_frames:
        imported = frame.source.imported("session")
        if imported is None or imported[0] != "flask":
            continue
        for name, key in taken(frame, "session"):
            wire = frame.variables.get(name)
            if name in frame.variables and wire != "None" and values.trust(wire) < 2:
                found.setdefault(key, (frame, name, key))
    return list(found.values())


def taken(frame: StackFrame, root: str) -> Iterator[tuple[str, str]]:
    """(variable, key) of `variable = root["key"]` and `root.get("key")`; the variable is "" without one."""
    named: dict[int, str] = {}
    keys: dict[str, str] = {}
    for part in ast.walk(frame.view.node) if frame.view.node is not None else ():
        if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name):
            named[id(part.value)] = part.targets[0].id
        owner: ast.expr | None = None
        key: ast.expr | None = None
        if isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Load):
            owner, key = part.value, part.slice
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr in LOOKS_UP:
            owner, key = part.func.value, part.args[0] if part.args else None
        if isinstance(owner, ast.Name) and owner.id == root and isinstance(key, ast.Constant):
            keys.setdefault(str(key.value), named.get(id(part), ""))
    for word, name in keys.items():
        yield name, word


def fill_session(builder: "Builder", client: ast.expr) -> None:
    """`with client.session_transaction() as session: session["cart"] = ...` for what the view found there."""
    found = held(builder)
    if not found:
        return
    given = [(key, builder.captured(frame, name, f"{frame.index}.{name}")) for frame, name, key in found]
    name = builder.fresh("session")
    lines: list[ast.stmt] = [
        ast.Assign([ast.Subscript(ast.Name(name), ast.Constant(key), ast.Store())], value, lineno=0)
        for key, value in given
    ]
    opened = ast.Call(ast.Attribute(client, "session_transaction"), [], [])
    builder.add(ast.With([ast.withitem(opened, ast.Name(name, ast.Store()))], lines, lineno=0))
