"""Rows behind a relation of a row on the stack, told by what a list still holds of each of them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from triage.domain.event import Json
from triage.drafting.replay.building import rows, values
from triage.drafting.replay.stack.scene import StackFrame

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

MOST = 6


@dataclass(frozen=True)
class Kin:
    """`values` of the column `attribute` of rows of the class at `path`; `asked` are columns that were true of each."""

    frame: StackFrame
    path: str
    attribute: str
    values: tuple[Json, ...]
    asked: tuple[str, ...]


def made(builder: "Builder") -> list[ast.expr]:
    """The rows, each with its value. `prices = [line.price for line in order.lines]`: a line for each price."""
    found: list[ast.expr] = []
    for at, kin in enumerate(told(builder)):
        columns = {str(item["name"]): item for item in builder.names.describe(kin.path).get("columns") or ()}
        if kin.attribute not in columns:
            continue
        flags = {name: ast.Constant(True) for name in kin.asked if "Bool" in str(columns.get(name, {}).get("kind"))}
        for number, wire in enumerate(kin.values):
            key = f"kin {at} {number}"
            value = values.build(builder, kin.frame, kin.attribute, wire, key)
            known: dict[str, ast.expr] = {**flags, kin.attribute: value}
            found.append(
                rows.construct(builder, kin.frame, kin.path, builder.names.describe(kin.path), key, known=known)
            )
    return found


def told(builder: "Builder") -> list[Kin]:
    return builder.mined.remembered("kin", lambda: list(_told(builder)))


def _told(builder: "Builder") -> Iterator[Kin]:
    paths = {shown: path for shown, _, path in rows.on_stack(builder)}
    for frame in builder.scene.repo_frames:
        for statement in frame.view.before:
            if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
                continue
            held, comprehension = frame.variables.get(statement.targets[0].id), statement.value
            if not isinstance(held, list) or not held or not isinstance(comprehension, ast.ListComp):
                continue
            loop, element = comprehension.generators[0], comprehension.elt
            if not isinstance(loop.target, ast.Name) or len(comprehension.generators) != 1:
                continue
            if not isinstance(element, ast.Attribute) or ast.unparse(element.value) != loop.target.id:
                continue
            asked = [item.attr for item in loop.ifs if isinstance(item, ast.Attribute)]
            for relation, path in _relation(builder, frame, loop.iter, paths):
                if relation:
                    yield Kin(frame, path, element.attr, tuple(held[:MOST]), tuple(asked))


def _relation(
    builder: "Builder", frame: StackFrame, over: ast.expr, paths: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """(attribute, class) of the relation that the expression goes through: `order.lines`, `order.lines.all()`."""
    while isinstance(over, ast.Call) and isinstance(over.func, ast.Attribute):
        over = over.func.value
    if not isinstance(over, ast.Attribute) or not isinstance(over.value, ast.Name):
        return
    parent = paths.get(str(frame.variables.get(over.value.id)), "")
    for name, path, _ in builder.names.describe(parent).get("children") or () if parent else ():
        if name == over.attr:
            yield str(name), str(path)
