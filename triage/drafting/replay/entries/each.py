"""Entry: a function that calls the next one once for each item of something, given the one item it was at.

`[self.invoice(order.number) for order in self.orders.all()]` keeps no variable for the item, and of
`pool.map(lambda key: self.load(key), keys)` the function around it is not on the stack of the thread:
what the inner function was handed tells the item.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

from triage.domain.event import Json
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Candidate, Dead
from triage.drafting.replay.entries import Site, direct, recorded
from triage.drafting.replay.stack import flow
from triage.drafting.replay.stack.recordings import Recording, chain_of, recordings
from triage.drafting.replay.stack.scene import Scene, StackFrame

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
MAPS = ("map", "imap", "imap_unordered", "starmap", "submit", "filter")


@dataclass(frozen=True)
class Item:
    """`frame` holds the item as `name`; `over` is what was gone through."""

    frame: StackFrame
    name: str
    over: ast.expr


def sites(scene: Scene) -> Iterable[Site]:
    """The functions whose line at the crash calls the next function in a comprehension or a mapped lambda."""
    frames = [frame for frame in scene.repo_frames if not frame.is_comprehension]
    for frame, following in pairwise(frames):
        if frame.view.node is None or frame.view.nested or following.view.node is None:
            continue
        own = [item for item in scene.frames[frame.index : following.index] if item.is_comprehension]
        item = item_of(replace(frame, variables={**_all_of(own), **frame.variables}), following)
        if item is not None:
            inner = [other for other in frames if other.index > frame.index]
            yield Site(f"each {frame.index}", 1.4, partial(build, item=item, inner=inner))


def _all_of(comprehensions: list[StackFrame]) -> dict[str, Json]:
    """What the frames of a function's comprehensions hold (before Python 3.12 they have frames of their own)."""
    return {name: wire for item in comprehensions for name, wire in item.variables.items()}


def item_of(frame: StackFrame, following: StackFrame) -> Item | None:
    """The item that the frame's line was at; None where the line goes through nothing, or nothing tells the item."""
    for name, over, call in _loops(frame.view.statement, following.name):
        held: Json = frame.variables.get(name)
        if held is None:
            held = _handed(name, call, following)
        if held is not None:
            return Item(_with(frame, {name: held}), name, over)
    return None


def _with(frame: StackFrame, more: dict[str, Json]) -> StackFrame:
    """The frame as one of the whole function, with these variables, too."""
    node = frame.view.node
    assert node is not None
    qualname = ".".join([*frame.view.classes, node.name])
    return replace(frame, name=node.name, qualname=qualname, variables={**frame.variables, **more})


def _loops(statement: ast.stmt | None, called: str) -> Iterator[tuple[str, ast.expr, ast.Call]]:
    """(variable, what it goes through, the call of `called` for each)."""
    for node in ast.walk(statement) if statement is not None else ():
        body: ast.AST | None = None
        if isinstance(node, Comprehension) and isinstance(node.generators[0].target, ast.Name):
            body, name, over = node, node.generators[0].target.id, node.generators[0].iter
        elif isinstance(node, ast.Call) and len(node.args) == 2 and isinstance(node.args[0], ast.Lambda):
            made, word = node.args[0], flow.tail(node.func)
            if word in MAPS and len(made.args.args) == 1:
                body, name, over = made.body, made.args.args[0].arg, node.args[1]
        for part in ast.walk(body) if body is not None else ():
            if isinstance(part, ast.Call) and flow.tail(part.func) == called:
                yield name, over, part


def _handed(name: str, call: ast.Call, following: StackFrame) -> Json:
    """The item by what the call handed on of it: itself, or attributes of it."""
    attributes: dict[str, str] = {}
    for label in following.view.parameters:
        node, wire = flow.argument_for(call, following, label), following.variables.get(label)
        if node is None or wire is None or following.view.reassigned_before_crash(label):
            continue
        if isinstance(node, ast.Name) and node.id == name:
            return wire
        if not isinstance(node, ast.Attribute) or not isinstance(wire, str) or wire.startswith("<"):
            continue
        if isinstance(node.value, ast.Name) and node.value.id == name:
            attributes[node.attr] = wire
    return f"namespace({', '.join(f'{label}={wire}' for label, wire in attributes.items())})" if attributes else None


def build(builder: Builder, item: Item, inner: list[StackFrame]) -> Candidate:
    """Call the whole function; what it goes through holds the item."""
    frame, extra = item.frame, []
    held = frame.variables[item.name]
    over, parameters = item.over, frame.view.parameters
    if isinstance(over, ast.Name) and over.id not in parameters:
        binding = flow.last_binding(frame.view, over.id)
        over = binding.value if isinstance(binding, ast.Assign) else over
    asked = over.value if isinstance(over, ast.Await) else over
    chain, root = chain_of(asked.func) if isinstance(asked, ast.Call) else ([], None)
    names = [part.id for part in ast.walk(over) if isinstance(part, ast.Name) and part.id in parameters]
    names = [name for name in names if name not in ("self", "cls")]
    if names and not (root in names and chain and recorded.is_opaque(frame, str(root))):
        frame = _with(frame, {names[0]: [held]})
    elif root is not None and chain:
        awaited = isinstance(over, ast.Await)
        extra = [Recording(frame, item.name, root, tuple(chain), awaited, each=True)]
    else:
        raise Dead(f"nothing tells where {item.name} came from")
    if extra or any(list(recordings(other)) for other in (frame, *inner)):
        recorded.lay(builder, [frame, *inner], extra=extra)
    builder.notes.append("what it goes through holds the one item that it was at")
    return direct.build(builder, frame)
