"""Objects that a dependency gave (a response, a cursor), made to answer as the function's variables show."""

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from triage.drafting.replay.stack import flow
from triage.drafting.replay.stack.recordings import handed_on, recordings
from triage.drafting.replay.stack.scene import Kind, StackFrame

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder
    from triage.drafting.replay.stack.recordings import Recording

STATUS = re.compile(r"<\w*Response\b.*?\[(\d{3})\b", re.DOTALL)
STATUS_NAMES = ("status_code", "status")
MOST_DEPTH = 3


def of_local(builder: "Builder", frame: StackFrame, name: str, depth: int = 0) -> ast.expr | None:
    """A mock for the object that the local `name` holds: what it was asked, it answers again, and it has the
    status that its repr prints. None where the function asked it nothing that its variables still hold."""
    if depth > MOST_DEPTH:
        return None
    asked = asked_of(builder, frame, name)
    if not asked:
        return None
    mock = builder.assign(name, ast.Call(builder.name("unittest.mock:MagicMock"), [], []), keep=True)
    _status(builder, frame, name, mock)
    for item in asked:
        configure(builder, mock, beside(item, asked))
    return mock


def asked_of(builder: "Builder", frame: StackFrame, name: str) -> "list[Recording]":
    """What the function asked of its local `name`, and what those asked that it passed the object on to."""
    found = [item for item in (*recordings(frame), *handed_on(builder.scene, frame)) if item.root == name]
    following = next((item for item in builder.scene.frames if item.index == frame.index + 1), None)
    if following is None or following.kind is not Kind.REPO or following.view.node is None:
        return found
    call = flow.call_of(frame, following)
    for label in following.view.parameters if call is not None else ():
        node = flow.argument_for(call, following, label) if call is not None else None
        if isinstance(node, ast.Name) and node.id == name and not following.view.reassigned_before_crash(label):
            found += asked_of(builder, following, label)
    return found


def beside(item: "Recording", asked: "list[Recording]") -> "Recording":
    """The recording, told so that what others asked of the same answer has room: it is gone through, no list itself."""
    longer = any(other.chain[: len(item.chain) + 1] == (*item.chain, "return_value") for other in asked)
    if item.each and longer and not item.awaited:
        return replace(item, chain=(*item.chain, "return_value", "__iter__"))
    return item


def _status(builder: "Builder", frame: StackFrame, name: str, mock: ast.expr) -> None:
    """`<Response [502]>`, `<ClientResponse(...) [404 Not Found]>`: the attributes of it that the function reads."""
    wire = frame.variables.get(name)
    found = STATUS.search(wire) if isinstance(wire, str) else None
    if found is None:
        return
    read = {
        part.attr
        for part in ast.walk(frame.view.node or ast.Module([], []))
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == name
    }
    code = int(found[1])
    told: dict[str, int] = {**dict.fromkeys(STATUS_NAMES, code), "ok": code < 400, "is_success": 200 <= code < 300}
    for label, value in told.items():
        if label in read:
            builder.add(ast.Assign([ast.Attribute(mock, label)], ast.Constant(value), lineno=0))


def configure(builder: "Builder", mock: ast.expr, item: "Recording", skip: int = 0) -> None:
    """Make `mock` answer one recorded call, whose chain of attributes begins at `skip`."""
    from triage.drafting.replay.entries.recorded import answer

    given = answer(builder, item)
    target = mock
    for part in item.chain[skip:]:
        target = ast.Attribute(target, part)
    given, how = once(item, given)
    if item.awaited:
        made = ast.Call(builder.name("unittest.mock:AsyncMock"), [], [ast.keyword(how, given)])
        builder.add(ast.Assign([target], made, lineno=0))
    else:
        builder.add(ast.Assign([ast.Attribute(target, how)], given, lineno=0))


def once(item: "Recording", given: ast.expr) -> tuple[ast.expr, str]:
    """The answer, and how a mock is told: one that is asked in an endless loop has nothing more the second time."""
    loops = [
        node
        for node in item.frame.view.before
        if isinstance(node, ast.While) and id(node) in item.frame.view.enclosing and _asks(node, item)
    ]
    if not loops:
        return given, "return_value"
    return ast.List([given, ast.Constant(None)]), "side_effect"


def _asks(loop: ast.While, item: "Recording") -> bool:
    return any(
        isinstance(node, ast.Assign) and any(ast.unparse(target) == item.name for target in node.targets)
        for node in ast.walk(loop)
    )


def on_attribute(builder: "Builder", frame: StackFrame, attribute: str, items: "list[Recording]") -> bool:
    """`self.session.get(...)`: what the object was made with, or its class, answers. Whether that could be done."""
    found = frame.source.attribute_value(attribute)
    if found is None:
        return False
    value = found[0]
    if isinstance(value, ast.BoolOp):  # self.session = session or Session()
        value = value.values[0]
    if isinstance(value, ast.Name):
        known = ("answers", value.id)  # another function of the stack may have asked it, too
        if known not in builder.bound:
            made = ast.Call(builder.name("unittest.mock:MagicMock"), [], [])
            builder.bound[known] = builder.assign(value.id, made, keep=True)
        mock = builder.bound[known]
        for item in items:
            configure(builder, mock, item, skip=1)
        builder.substitutes[value.id] = mock
        return True
    if isinstance(value, ast.Call) and all(len(item.chain) in (2, 4) for item in items):
        owner = class_of(builder, frame, value.func)
        if owner is None:
            return False
        done = [on_class(builder, owner, item, skip=1) for item in items]
        return all(done)
    return False


def on_class(builder: "Builder", owner: ast.expr, item: "Recording", skip: int = 0) -> bool:
    """The class's method, after `skip` attributes of the chain, answers; of one that was entered (`async with
    session.get(...) as response`) what it gives is a context that gives the answer. Whether that could be done."""
    from triage.drafting.replay.entries.recorded import answer, put

    method, *rest = item.chain[skip:]
    if not rest:
        return put(builder, owner, item)
    if rest not in (["return_value", "__aenter__"], ["return_value", "__enter__"]):
        return False
    given = answer(builder, item)
    made = ast.Call(builder.name("unittest.mock:MagicMock"), [], [])
    mock = builder.assign(method, made, keep=True)
    entered = ast.Attribute(ast.Attribute(mock, "return_value"), rest[1])
    builder.add(ast.Assign([ast.Attribute(entered, "return_value")], given, lineno=0))
    words = [owner, ast.Constant(method), mock]
    builder.add(ast.Expr(ast.Call(ast.Attribute(builder.fixture("monkeypatch"), "setattr"), words, [])))
    return True


def class_made(builder: "Builder", frame: StackFrame, name: str) -> ast.expr | None:
    """The library's class that the local `name` was made with: `async with ClientSession() as session`."""
    binding = flow.last_binding(frame.view, name)
    made: ast.expr | None = binding.value if isinstance(binding, ast.Assign | ast.AnnAssign) else None
    for item in binding.items if isinstance(binding, ast.With | ast.AsyncWith) else ():
        if isinstance(item.optional_vars, ast.Name) and item.optional_vars.id == name:
            made = item.context_expr
    made = made.value if isinstance(made, ast.Await) else made
    return class_of(builder, frame, made.func) if isinstance(made, ast.Call) else None


def class_of(builder: "Builder", frame: StackFrame, node: ast.expr) -> ast.expr | None:
    """The library's class behind `requests.Session()` or `Session()`; None for what is no plain class."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    imported = frame.source.imported(node.id) if isinstance(node, ast.Name) else None
    if imported is None:
        return None
    chain = [imported[1], *parts] if imported[1] else parts
    path = f"{imported[0]}:{'.'.join(chain)}"
    return builder.name(path) if builder.names.describe(path).get("kind") == "class" else None
