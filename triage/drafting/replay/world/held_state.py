"""State from before the call, put back: what globals kept, what objects had collected, what inner calls had given."""

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from triage.domain.event import Json
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.stack import flow
from triage.drafting.replay.stack.scene import Kind, StackFrame
from triage.drafting.replay.stack.views import LOOKS_UP
from triage.drafting.replay.world.bodies import plain

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

OPAQUE = 1.2
MOST_ROUNDS = 8
DICTS = ("dict", "defaultdict", "OrderedDict")


def lay(builder: "Builder", frames: Sequence[StackFrame]) -> int:
    """Everything that can be put back for these frames; how much that was."""
    done = 0
    for frame in frames:
        done += sum(_set_item(builder, frame, *item) for item in kept(frame))
        done += sum(_give(builder, frame, *item) for item in passed(frame, _following(builder, frame)))
    return done


def _following(builder: "Builder", frame: StackFrame) -> StackFrame | None:
    return next((item for item in builder.scene.frames if item.index == frame.index + 1), None)


def kept(frame: StackFrame) -> Iterator[tuple[str, ast.expr, str]]:
    """(global, key, variable) of `variable = GLOBAL[key]` and `GLOBAL.setdefault(key, ...)`."""
    for statement in frame.view.before:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            continue
        owner, key = _mapping_and_key(statement.value)
        name = statement.targets[0].id
        held = frame.variables.get(name, "None")
        if isinstance(owner, ast.Name) and key is not None and held != "None":
            yield owner.id, key, name


def _set_item(builder: "Builder", frame: StackFrame, root: str, key: ast.expr, name: str) -> bool:
    path = f"{frame.module}:{root}"
    if builder.is_local(frame, root) or frame.kind is not Kind.REPO or not builder.names.exists(path):
        return False
    if str(builder.names.describe(path).get("type") or "").rpartition(".")[2] not in DICTS:
        return False
    value = builder.captured(frame, name, f"{frame.index}.{name}")
    arguments = [builder.name(path), builder.expression(frame, key), value]
    setting = ast.Attribute(builder.fixture("monkeypatch"), "setitem")
    builder.add(ast.Expr(ast.Call(setting, arguments, [])))
    return True


def passed(frame: StackFrame, following: StackFrame | None) -> Iterator[tuple[str, StackFrame, str]]:
    """(function, frame, parameter): the crash line passed on what this function gave, and the next frame has it."""
    if following is None or following.view.node is None or following.kind is not Kind.REPO:
        return
    call = flow.call_of(frame, following)
    for label in following.view.parameters if call is not None else ():
        node = flow.argument_for(call, following, label) if call is not None else None
        if isinstance(node, ast.Await):
            node = node.value
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if label in following.variables and not following.view.reassigned_before_crash(label):
            yield node.func.id, following, label


def _give(builder: "Builder", frame: StackFrame, root: str, holder: StackFrame, label: str) -> bool:
    from triage.drafting.replay.building import values

    path = f"{frame.module}:{root}"
    if builder.is_local(frame, root) or frame.kind is not Kind.REPO:
        return False
    kind = builder.names.describe(path).get("kind")
    if kind not in ("function", "coroutine") or values.trust(holder.variables[label]) >= OPAQUE:
        return False
    value = builder.captured(holder, label, f"{holder.index}.{label}")
    mock = builder.name(f"unittest.mock:{'AsyncMock' if kind == 'coroutine' else 'MagicMock'}")
    answer = ast.Call(mock, [], [ast.keyword("return_value", value)])
    setting = ast.Attribute(builder.fixture("monkeypatch"), "setattr")
    arguments = [builder.import_module(frame.module), ast.Constant(root), answer]
    builder.add(ast.Expr(ast.Call(setting, arguments, [])))
    return True


def collect(builder: "Builder", made: ast.expr, wire: object) -> None:
    """Put into the object with this repr what a loop over one of its attributes was at: `for other in self.shifts`."""
    if not isinstance(wire, str) or " at 0x" not in wire or not isinstance(made, ast.Name):
        return
    for frame in builder.scene.repo_frames:
        own = frame.view.parameters[0] if frame.view.parameters else ""
        if frame.variables.get(own) != wire:
            continue
        for attribute, name in _looped(frame, own):
            if not builder.choices.pick(f"{made.id}.{attribute}:held", [(0.0, True), (0.8, False)]):
                continue
            key = (made.id, attribute)
            if key in builder.filled:
                continue
            builder.filled.add(key)
            try:
                value = builder.captured(frame, name, f"{frame.index}.{name}")
            except Dead:
                continue
            target = ast.Attribute(ast.Name(made.id), attribute, ast.Store())
            builder.add(ast.Assign([target], ast.List([value]), lineno=0))
            builder.notes.append(f"{attribute} holds what it was at when it crashed")
    for frame in builder.scene.repo_frames:
        for own in [name for name, other in frame.variables.items() if other == wire]:
            _put_items(builder, made.id, frame, own)


def _put_items(builder: "Builder", made: str, frame: StackFrame, own: str) -> None:
    """What the frame found under a key of one of the object's mappings, put there: `taken = own.rooms.get(room)`."""
    from triage.drafting.replay.building import values

    found: dict[str, tuple[list[ast.expr], list[ast.expr]]] = {}
    for attribute, key, name in _looked_up(frame, own):
        held = frame.variables[name]
        if (made, attribute) in builder.filled or values.trust(held) >= OPAQUE:
            continue
        if not builder.choices.pick(f"{made}.{attribute}:held", [(0.0, True), (0.8, False)]):
            continue
        try:
            written, value = builder.expression(frame, key), builder.captured(frame, name, f"{frame.index}.{name}")
        except Dead:
            continue
        keys, given = found.setdefault(attribute, ([], []))
        for other in [*_earlier(builder, frame, key), written]:
            if ast.unparse(other) not in map(ast.unparse, keys):
                keys.append(other)
                given.append(value)
    for attribute, (keys, given) in found.items():
        builder.filled.add((made, attribute))
        target = ast.Attribute(ast.Name(made), attribute, ast.Store())
        builder.add(ast.Assign([target], ast.Dict(list(keys), given), lineno=0))
        builder.notes.append(f"{attribute} holds what was found in it")


def _earlier(builder: "Builder", frame: StackFrame, key: ast.expr) -> list[ast.expr]:
    """The keys of a loop's rounds, where the key is the loop's variable or an item of it: `shelf[line["sku"]]`."""
    root, item = key, None
    if isinstance(key, ast.Subscript) and isinstance(key.slice, ast.Constant):
        root, item = key.value, key.slice.value
    loops = (node for node in frame.view.before if isinstance(node, ast.For))
    over = next((loop.iter for loop in loops if ast.unparse(loop.target) == ast.unparse(root)), None)
    wire = plain(_wire_of(frame, over)) if over is not None else None
    rounds = wire if isinstance(wire, list) else []
    if item is not None:
        rounds = [one[item] for one in rounds if isinstance(one, dict) and item in one]
    return [ast.Constant(one) for one in rounds[:MOST_ROUNDS] if isinstance(one, str | int)]


def _wire_of(frame: StackFrame, node: ast.expr) -> Json:
    """What a variable, or an item of one, holds."""
    if isinstance(node, ast.Name):
        return frame.variables.get(node.id)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        held = _wire_of(frame, node.value)
        return held.get(str(node.slice.value)) if isinstance(held, dict) else None
    return None


def _looked_up(frame: StackFrame, own: str) -> Iterator[tuple[str, ast.expr, str]]:
    """(attribute, key, variable) of `variable = own.attribute[key]` and `own.attribute.get(key)`, for what is there."""
    inside = [inner for loop in frame.view.before if isinstance(loop, ast.For) for inner in loop.body]
    for statement in dict.fromkeys([*frame.view.before, *inside]):
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            continue
        owner, key = _mapping_and_key(statement.value)
        name = statement.targets[0].id
        direct = isinstance(owner, ast.Attribute) and isinstance(owner.value, ast.Name) and owner.value.id == own
        is_there = frame.variables.get(name, "None") != "None"
        if direct and isinstance(owner, ast.Attribute) and key is not None and is_there:
            yield owner.attr, key, name


def _mapping_and_key(value: ast.expr) -> tuple[ast.expr | None, ast.expr | None]:
    """The two of `mapping[key]`, `mapping.get(key, ...)` and the like."""
    if isinstance(value, ast.Subscript) and not isinstance(value.slice, ast.Slice):
        return value.value, value.slice
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in LOOKS_UP:
        return value.func.value, value.args[0] if value.args else None
    return None, None


def _looped(frame: StackFrame, own: str) -> Iterator[tuple[str, str]]:
    for statement in frame.view.before:
        if not isinstance(statement, ast.For | ast.AsyncFor) or id(statement) not in frame.view.enclosing:
            continue
        over, target = statement.iter, statement.target
        plain = isinstance(over, ast.Attribute) and isinstance(over.value, ast.Name) and over.value.id == own
        if plain and isinstance(over, ast.Attribute) and isinstance(target, ast.Name) and target.id in frame.variables:
            yield over.attr, target.id
