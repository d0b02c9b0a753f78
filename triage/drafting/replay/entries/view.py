"""Entry: a Flask view called inside a request context, past decorators that ask who is there."""

import ast
from collections.abc import Iterable
from functools import partial

from triage.domain.event import Request
from triage.drafting.replay.building import alchemy, stand_ins
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Candidate, Dead
from triage.drafting.replay.entries import Site, direct, http, recorded
from triage.drafting.replay.stack.scene import Scene, StackFrame
from triage.drafting.replay.world import flask_world

ROUTES = {"route", "get", "post", "put", "patch", "delete", "endpoint"}


def sites(scene: Scene) -> Iterable[Site]:
    """With Flask in the stack and a request in the event: the view, with rows or with answers that were captured."""
    request = scene.event.request
    frame = next((item for item in scene.repo_frames if _routes(item)), None)
    if request is None or frame is None or not any("flask/" in item.path for item in scene.frames):
        return
    yield Site("view", 0.9, partial(build, frame=frame, request=request, answering=False))
    yield Site("view recorded", 1.6, partial(build, frame=frame, request=request, answering=True))


def _routes(frame: StackFrame) -> list[str]:
    """The names of the decorators, when one of them makes a route."""
    node = frame.view.node
    marks = [item.func if isinstance(item, ast.Call) else item for item in node.decorator_list] if node else []
    names = [item.attr if isinstance(item, ast.Attribute) else getattr(item, "id", "") for item in marks]
    return [str(name) for name in names] if ROUTES & set(names) else []


def build(builder: Builder, frame: StackFrame, request: Request, answering: bool) -> Candidate:
    """`with app.test_request_context(...): view(...)`."""
    node = frame.view.node
    if node is None or frame.view.nested or not builder.names.exists(f"{frame.module}:{node.name}"):
        raise Dead(f"{frame.name} cannot be reached by its name")
    app = http.flask_app(builder)
    if answering:
        recorded.lay(builder, [frame], parameters=False)
    else:
        alchemy.fill(builder, app)
    request = http.with_body(builder, request)
    method = ast.keyword("method", ast.Constant(request.method.upper()))
    keywords = [method, *http.keywords_of(request, bool(request.headers), "data")]
    context = ast.Call(ast.Attribute(app, "test_request_context"), [ast.Constant(http.target(request))], keywords)
    builder.enter(ast.With([ast.withitem(context, None)], [], lineno=0))
    _globals(builder, frame, node)
    _session(builder, frame)
    _current_user(builder)
    function = builder.name(f"{frame.module}:{node.name}")
    guards = [name for name in _routes(frame) if name not in ROUTES]
    depth = builder.choices.pick("past the guards", [(0.0, len(guards)), (0.6, 0)]) if guards else 0
    for _ in range(depth):
        function = ast.Attribute(function, "__wrapped__")
    positional, named = direct.arguments(builder, frame, node, skip=0)
    done = direct.consumed(builder, frame, node, set(), ast.Call(function, positional, named))
    return builder.finish(done, f"{frame.module}.{frame.qualname}", "as a view inside a request")


def _globals(builder: Builder, frame: StackFrame, node: ast.AST) -> None:
    """What the view reads of Flask's `g` that nobody has put there: `g.user["timezone"]`."""
    if (imported := frame.source.imported("g")) is None or imported[0] != "flask":
        return
    names = {
        part.attr
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "g"
    }
    for name in sorted(names):
        held = stand_ins.subscripted(builder, frame, f"g.{name}")
        value = held or ast.Call(builder.name("unittest.mock:MagicMock"), [], [])
        builder.add(ast.Assign([ast.Attribute(builder.name("flask:g"), name)], value, lineno=0))


def _session(builder: Builder, frame: StackFrame) -> None:
    """What the view takes out of Flask's session, as its variables still hold it."""
    imported = frame.source.imported("session")
    if imported is None or imported[0] != "flask" or frame.view.node is None:
        return
    for name, key in flask_world.taken(frame, "session"):
        value: ast.expr = ast.Constant(1)
        if name in frame.variables:
            value = builder.captured(frame, name, f"{frame.index}.{name}")
        builder.add(ast.Assign([ast.Subscript(builder.name("flask:session"), ast.Constant(key))], value, lineno=0))


def _current_user(builder: Builder) -> None:
    """Flask-Login's `current_user`, with the attributes that the stack's functions read."""
    done: set[str] = set()
    for frame in builder.scene.repo_frames:
        imported = frame.source.imported("current_user")
        if imported is None or not imported[0].startswith("flask_") or frame.module in done:
            continue
        done.add(frame.module)
        person = stand_ins.with_attributes(builder, frame, "current_user")
        if person is None:
            continue
        setting = ast.Attribute(builder.fixture("monkeypatch"), "setattr")
        module = builder.import_module(frame.module)
        builder.add(ast.Expr(ast.Call(setting, [module, ast.Constant("current_user"), person], [])))
        builder.notes.append("the user who was logged in is a stand-in")
