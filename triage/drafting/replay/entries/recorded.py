"""Entry: a function of the stack whose dependencies give what they gave in production.

A local that was assigned from a call on a dependency (`order = session.get(Order, id)`,
`items = await source.load()`) tells what the dependency returned: a mock returns it again.
Mocks stand at the boundary: parameters that were not captured, attributes of them, globals
that are objects of libraries; last of all the repo's own functions.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from triage.drafting.replay.building import answers, objects, stand_ins, values
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Candidate, Dead
from triage.drafting.replay.entries import Site, command, direct, http
from triage.drafting.replay.stack import flow
from triage.drafting.replay.stack.recordings import Recording, handed_on, recordings
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.world import held_state, overrides

MOST_FRAMES = 3
# Modules of the standard library that speak to the world, or to chance.
OUTSIDE = ("urllib", "http", "socket", "subprocess", "random", "secrets", "uuid", "locale", "platform")
OPAQUE = 1.2
FILTERED = "[Filtered]"  # what the SDK writes for a variable that is called a session, as for a cookie
MOST_PLACES = 8


def sites(scene: Scene) -> Iterable[Site]:
    """The functions nearest to the crash that got something from a dependency, and the request around them."""
    frames = [frame for frame in scene.repo_frames if frame.view.node is not None and not frame.is_comprehension]
    rank = 0
    near = frames[-MOST_FRAMES:]
    gives = _gives(near) or any(list(handed_on(scene, frame)) for frame in near)
    for frame in reversed(near):
        inner = [item for item in near if item.index > frame.index]
        if frame.kind is not Kind.REPO or frame.view.nested:
            continue
        if gives or list(recordings(frame)) or any(list(recordings(item)) for item in inner):
            yield Site(f"recorded {frame.index}", 2.0 + 0.5 * rank, partial(build, frame=frame, inner=inner))
            rank += 1
    words = command.command_line(scene)
    for place, frame in command.readers(scene) if words and any(list(recordings(item)) for item in near) else ():
        yield Site(f"recorded argv {frame.index}", 2.1 + 0.3 * place, partial(by_argv, frame=frame, words=words))
    asked = gives or any(list(recordings(item)) for item in near)
    for way in command.sites(scene) if words and asked else ():
        if way.key.startswith(("runner", "command ")):
            yield Site(f"recorded {way.key}", way.cost + 1.0, partial(by_command_line, frames=near, way=way))
    request = scene.event.request
    if request is not None and (gives or any(list(recordings(frame)) for frame in frames)):
        handed = any(list(overrides.dependencies(frame)) for frame in frames)
        yield Site("recorded http", 1.9 if handed else 2.2, partial(by_request, frames=frames[-MOST_FRAMES:]))


def _gives(frames: list[StackFrame]) -> bool:
    """Whether globals or inner calls gave something that can be put back."""
    pairs = zip(frames, [*frames[1:], None], strict=False)
    return any(list(held_state.kept(frame)) or list(held_state.passed(frame, after)) for frame, after in pairs)


def build(builder: Builder, frame: StackFrame, inner: list[StackFrame]) -> Candidate:
    """Call the function with its unknown parameters mocked as they answered, and what lies below it, too."""
    lay(builder, [frame, *inner])
    return direct.build(builder, frame)


def by_argv(builder: Builder, frame: StackFrame, words: list[str]) -> Candidate:
    """The command line of the event, with what the functions below asked made to answer."""
    lay(builder, [item for item in builder.scene.repo_frames if item.view.node][-MOST_FRAMES:], parameters=False)
    return command.by_argv(builder, frame, words)


def by_command_line(builder: Builder, frames: list[StackFrame], way: Site) -> Candidate:
    """The command line of the event through the framework's runner, with what the functions below asked answering."""
    lay(builder, frames, parameters=False)
    return way.build(builder)


def by_request(builder: Builder, frames: list[StackFrame]) -> Candidate:
    """The event's request, with the globals that the stack's functions asked made to answer."""
    request = builder.scene.event.request
    if request is None:
        raise Dead("the event has no request")
    overridden = overrides.lay(builder)
    try:
        lay(builder, frames, parameters=False)
    except Dead:
        if not overridden:
            raise
    return http.build(builder, request)


def lay(builder: Builder, frames: list[StackFrame], parameters: bool = True, extra: Sequence[Recording] = ()) -> None:
    """Put the answers in place, `extra` ones of these frames too. Raises Dead when nothing could be put anywhere."""
    laid = 0
    for frame in frames:
        by_root: dict[str, list[Recording]] = {}
        known = (*recordings(frame), *handed_on(builder.scene, frame), *extra)
        for item in (other for other in known if other.frame is frame):
            by_root.setdefault(item.root, []).append(item)
        for root, items in by_root.items():
            if builder.is_local(frame, root) and root not in ("self", "cls"):
                first = frame is frames[0]
                if parameters and first and root in frame.view.parameters and is_opaque(frame, root):
                    also = [item for item in answers.asked_of(builder, frame, root) if item not in items]
                    builder.substitutes[root] = _mock_of(builder, frame, root, [*items, *also])
                    laid += 1
                elif (owner := own_class(builder, frame, root)) is not None:
                    laid += sum(put(builder, owner, item) for item in items if len(item.chain) == 1)
                elif (owner := _library_class(builder, frame, root)) is not None:
                    laid += sum(answers.on_class(builder, owner, item) for item in items)
            elif root in ("self", "cls"):
                laid += sum(_patch_own(builder, item) for item in items if len(item.chain) == 1)
                for attribute in dict.fromkeys(item.chain[0] for item in items if len(item.chain) > 1):
                    through = [item for item in items if item.chain[0] == attribute and len(item.chain) > 1]
                    laid += answers.on_attribute(builder, frame, attribute, through)
            else:
                laid += sum(_patch_global(builder, item) for item in items)
    laid += held_state.lay(builder, frames)
    if not laid:
        raise Dead("no dependency's answers were captured")
    builder.notes.append("dependencies give what they gave in production")


def own_class(builder: Builder, frame: StackFrame, name: str) -> ast.expr | None:
    """The repo's class of which a variable holds an object that only prints its address; None for any other."""
    wire = frame.variables.get(name)
    match = re.fullmatch(r"<([A-Za-z_][\w.]*) object at 0x\w+>", wire) if isinstance(wire, str) else None
    if match is None:
        return None
    try:
        path = objects.class_path(builder, frame, match[1])
    except Dead:
        return None
    own = path.partition(":")[0].split(".")[0] in builder.scene.packages
    return builder.name(builder.names.public(path)) if own else None


def _library_class(builder: Builder, frame: StackFrame, name: str) -> ast.expr | None:
    """The class of an installed library of which a variable holds an object: a session, a client. None for others."""
    from triage.drafting.replay.stack.safe import is_stdlib

    wire = frame.variables.get(name)
    match = re.match(r"<([a-z_]\w*(?:\.\w+)+) object at 0x", wire) if isinstance(wire, str) else None
    if match is None:  # the SDK filters what is called a session
        return answers.class_made(builder, frame, name) if wire == "[Filtered]" else None
    if is_stdlib(match[1]):
        return None
    try:
        path = objects.class_path(builder, frame, match[1])
    except Dead:
        return None
    found = builder.names.describe(path)
    return builder.name(builder.names.public(path)) if found.get("kind") == "class" else None


def is_opaque(frame: StackFrame, name: str) -> bool:
    return name not in frame.variables or values.trust(frame.variables[name]) >= OPAQUE


def answer(builder: Builder, item: Recording) -> ast.expr:
    """What the call gave; where the function was going through that, a list of what it was at."""
    given = _one(builder, item)
    for key in reversed(item.keys):
        given = _around(given, key)
    if not item.each:
        return given
    wire = item.frame.variables[item.name]
    earlier = None
    if isinstance(wire, str) and stand_ins.ROW.fullmatch(wire):
        earlier = stand_ins.subscripted(builder, item.frame, item.name, ordinary=True)
    if earlier is None or not builder.choices.pick(f"{item.name}:earlier", [(0.0, False), (0.5, True)]):
        return ast.List([given])
    return ast.List([earlier, given])


def _around(given: ast.expr, key: str | int) -> ast.expr:
    """Something of which the item `key` is `given`."""
    if isinstance(key, str) or not -MOST_PLACES <= key < MOST_PLACES:
        return ast.Dict([ast.Constant(key)], [given])
    return ast.List([given] * (key + 1 if key >= 0 else -key))


def _one(builder: Builder, item: Recording) -> ast.expr:
    wire = item.held.variables[item.name]
    is_row = isinstance(wire, str) and stand_ins.ROW.fullmatch(wire) is not None
    if isinstance(wire, list) and wire and all(isinstance(one, str) and stand_ins.ROW.fullmatch(one) for one in wire):
        return builder.assign(item.name, ast.List([stand_ins.row_like(builder)]), keep=True)
    row = stand_ins.subscripted(builder, item.held, item.name) if is_row else None
    if row is not None:
        return builder.assign(item.name, row, keep=True)
    hidden = isinstance(wire, str) and wire.startswith(("<", FILTERED))
    if hidden and (made := answers.of_local(builder, item.held, item.name)):
        return made
    return builder.captured(item.held, item.name, f"{item.held.index}.{item.name}")


def stand_in(builder: Builder, frame: StackFrame, name: str) -> ast.expr | None:
    """A mock of one parameter of the frame's function that answers as it did; None where it gave nothing."""
    items = answers.asked_of(builder, frame, name)
    return _mock_of(builder, frame, name, items) if items else None


def _mock_of(builder: Builder, frame: StackFrame, root: str, items: list[Recording]) -> ast.expr:
    """A mock of a parameter: each call that was made on it answers, attributes that were passed on are set."""
    mock = builder.assign(root, ast.Call(builder.name("unittest.mock:MagicMock"), [], []), keep=True)
    for item in items:
        answers.configure(builder, mock, answers.beside(item, items))
    for name, value in _attributes(builder, frame, root):
        builder.add(ast.Assign([ast.Attribute(mock, name)], value, lineno=0))
    return mock


def _attributes(builder: Builder, frame: StackFrame, root: str) -> Iterator[tuple[str, ast.expr]]:
    """`root.name` that the crash line passed to the next function, which still holds it."""
    following = next((item for item in builder.scene.frames if item.index == frame.index + 1), None)
    if following is None or following.view.node is None:
        return
    call = flow.call_of(frame, following)
    for label in following.view.parameters if call is not None else ():
        node = flow.argument_for(call, following, label) if call is not None else None
        if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == root):
            continue
        if label in following.variables and values.trust(following.variables[label]) < OPAQUE:
            yield node.attr, builder.captured(following, label, f"{following.index}.{label}")


def _patch_global(builder: Builder, item: Recording) -> bool:
    """`db.get(...)`, `requests.get(...)`: the module's object answers; plain library functions stay."""
    imported = item.frame.source.imported(item.root)
    if _says_nothing(builder, item):
        return False
    if imported is not None and not _is_outside(builder, imported):
        return False
    if imported is not None and imported[1] and builder.names.describe(":".join(imported)).get("kind") == "class":
        own = imported[0].split(".")[0] in builder.scene.packages
        if not own:
            return False
    path = f"{item.frame.module}:{item.root}"
    if not builder.names.exists(path):
        return False
    kind = str(builder.names.describe(path).get("type") or "").rpartition(".")[2]
    if kind in held_state.DICTS or kind in ("list", "set", "deque"):
        return False
    if "return_value" in item.chain:
        return _set_chain(builder, item)
    owner = builder.name(path) if imported is None or imported[1] else builder.global_name(item.frame, item.root)
    for part in item.chain[:-1]:
        owner = ast.Attribute(owner, part)
    return put(builder, owner, item)


def _says_nothing(builder: Builder, item: Recording) -> bool:
    """Whether the answer is an object of a library that the function only passes on: a query, a parser, a pattern."""
    wire = item.held.variables[item.name]
    shown = re.match(r"<([a-z_]\w*)\.[\w.]+ object at 0x", wire) if isinstance(wire, str) else None
    if shown is None or shown[1] in builder.scene.packages or shown[1].startswith("__"):
        return False
    return not any(
        isinstance(part, ast.Attribute | ast.Subscript)
        and isinstance(part.value, ast.Name)
        and part.value.id == item.name
        for part in ast.walk(item.held.view.node or ast.Module([], []))
    )


def _set_chain(builder: Builder, item: Recording) -> bool:
    """`get_db().execute(...).fetchone()`: what the module's function gives answers at the end of the chain."""
    if item.chain[0] != "return_value":
        return False
    mock = builder.assign(item.root, ast.Call(builder.name("unittest.mock:MagicMock"), [], []), keep=True)
    target = mock
    for part in item.chain:
        target = ast.Attribute(target, part)
    builder.add(ast.Assign([ast.Attribute(target, "return_value")], answer(builder, item), lineno=0))
    setting = ast.Attribute(builder.fixture("monkeypatch"), "setattr")
    module = builder.import_module(item.frame.module)
    builder.add(ast.Expr(ast.Call(setting, [module, ast.Constant(item.root), mock], [])))
    return True


def _is_outside(builder: Builder, imported: tuple[str, str]) -> bool:
    """Whether a name from there may stand for the world: not for plain helpers of the standard library."""
    from triage.drafting.replay.stack.safe import is_stdlib

    return not is_stdlib(imported[0]) or imported[0].split(".")[0] in OUTSIDE


def _patch_own(builder: Builder, item: Recording) -> bool:
    """`batch = self.drain()`: the class's own method answers."""
    if len(item.chain) != 1 or not item.frame.class_name:
        return False
    owner = builder.name(builder.names.public(f"{item.frame.module}:{item.frame.class_name}"))
    return put(builder, owner, item)


def put(builder: Builder, owner: ast.expr, item: Recording) -> bool:
    kind = "AsyncMock" if item.awaited else "MagicMock"
    given, how = answers.once(item, answer(builder, item))
    mock = ast.Call(builder.name(f"unittest.mock:{kind}"), [], [ast.keyword(how, given)])
    call = ast.Call(
        ast.Attribute(builder.fixture("monkeypatch"), "setattr"), [owner, ast.Constant(item.chain[-1]), mock], []
    )
    builder.add(ast.Expr(call))
    return True
