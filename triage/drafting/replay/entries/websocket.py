"""Entry: the messages of a websocket, sent through the app's own test client (Starlette, FastAPI)."""

import ast
from collections.abc import Iterable, Iterator
from functools import partial

from triage.domain.event import Request
from triage.drafting.replay.building import values
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.building.objects import required_parameters
from triage.drafting.replay.candidate import Candidate, Dead
from triage.drafting.replay.entries import Site, http
from triage.drafting.replay.mining import fixtures
from triage.drafting.replay.stack.scene import Scene, StackFrame
from triage.drafting.replay.stack.views import FunctionNode

SENDS = {"receive_json": "send_json", "receive_text": "send_text", "receive_bytes": "send_bytes"}
ITERATES = {"iter_json": "send_json", "iter_text": "send_text", "iter_bytes": "send_bytes"}
ANSWERS = {"send_json": "receive_json", "send_text": "receive_text", "send_bytes": "receive_bytes"}
MOST_MINED = 4


def sites(scene: Scene) -> Iterable[Site]:
    """With a websocket's request in the event: connect, send what the handler had just received."""
    request = scene.event.request
    frame = next(iter(scene.repo_frames), None)
    if request is None or frame is None or not request.url.startswith(("ws:", "wss:")):
        return
    yield Site("websocket", 0.2, partial(build, request=request, frame=frame))


def build(builder: Builder, request: Request, frame: StackFrame) -> Candidate:
    """`with client.websocket_connect(path) as socket: socket.send_json(...); socket.receive_json()`."""
    client = _client(builder)
    path = http.target(request)
    held = list(_messages(builder, frame))
    options = [(0.3 * at, item) for at, item in enumerate(held)]
    how, message = builder.choices.pick("the message", [*options, *_mined(builder, 1.0 if held else 0.2)])()
    greetings = _greetings(builder, frame)  # one more than there are, and the test would wait for ever
    greeted = builder.choices.pick("greetings", [(0.4 * (greetings - count), count) for count in range(greetings + 1)])
    name = builder.fresh("socket")
    connected = ast.Call(ast.Attribute(client, "websocket_connect"), [ast.Constant(path)], [])
    builder.enter(ast.With([ast.withitem(connected, ast.Name(name, ast.Store()))], [], lineno=0))
    answers = _answers(frame) or ANSWERS[how]
    receive = ast.Call(ast.Attribute(ast.Name(name), answers), [], [])
    for _ in range(greeted):
        builder.add(ast.Expr(receive))
    builder.add(ast.Expr(ast.Call(ast.Attribute(ast.Name(name), how), [message], [])))
    return builder.finish(receive, f"{frame.module}.{frame.qualname}", "as a message to its websocket")


def _client(builder: Builder) -> ast.expr:
    ways: list[tuple[float, partial[ast.expr]]] = []
    for fixture in fixtures.clients(builder):
        if "TestClient(" in fixture.made and not fixture.waits:
            ways.append((0.0, partial(fixtures.use, builder, fixture)))
    for framework in http.FRAMEWORKS:
        if framework.module in ("fastapi", "starlette") and builder.names.is_top(framework.module):
            for place, factory in builder.mined.makers(framework.pattern):
                needs = len(required_parameters(factory)) if factory else 0
                ways.append((0.1 + 0.3 * needs, partial(_made, builder, place, factory)))
    return builder.choices.pick("the app", ways)()


def _made(builder: Builder, place: str, factory: ast.FunctionDef | None) -> ast.expr:
    app = http.made_app(builder, place, factory)
    return builder.assign("client", ast.Call(builder.name("starlette.testclient:TestClient"), [app], []), keep=True)


def _messages(builder: Builder, frame: StackFrame) -> Iterator["partial[tuple[str, ast.expr]]"]:
    """What the handler received last, as its variables still hold it."""
    node = frame.view.node
    for name, how in _received(node) if node is not None else ():
        if name in frame.variables and values.trust(frame.variables[name]) < 2:
            yield partial(_captured, builder, frame, name, how)
    for name in ("data", "message", "text", "msg"):  # Starlette's endpoint classes
        if node is not None and node.name == "on_receive" and name in frame.view.parameters:
            how = {"json": "send_json", "bytes": "send_bytes"}.get(_encoding(frame), "send_text")
            yield partial(_captured, builder, frame, name, how)


def _captured(builder: Builder, frame: StackFrame, name: str, how: str) -> tuple[str, ast.expr]:
    return how, builder.captured(frame, name, f"{frame.index}.{name}")


def _received(node: FunctionNode) -> Iterator[tuple[str, str]]:
    """(variable, how it is sent) of `x = await socket.receive_json()` and `async for x in socket.iter_text()`."""
    for part in ast.walk(node):
        target: ast.expr | None = None
        value: ast.expr | None = None
        if isinstance(part, ast.Assign):
            target, value = part.targets[0], part.value
        elif isinstance(part, ast.AsyncFor):
            target, value = part.target, part.iter
        elif isinstance(part, ast.NamedExpr):
            target, value = part.target, part.value
        called = value.value if isinstance(value, ast.Await) else value
        attribute = called.func.attr if isinstance(called, ast.Call) and isinstance(called.func, ast.Attribute) else ""
        how = SENDS.get(attribute) or ITERATES.get(attribute)
        if isinstance(target, ast.Name) and how:
            yield target.id, how


def _encoding(frame: StackFrame) -> str:
    """The `encoding = "json"` of the frame's class."""
    for _, node in frame.source.loose:
        if isinstance(node, ast.ClassDef) and node.name == frame.view.classes[-1:][0]:
            for item in node.body:
                if isinstance(item, ast.Assign) and ast.unparse(item.targets[0]) == "encoding":
                    return str(item.value.value) if isinstance(item.value, ast.Constant) else ""
    return ""


def _mined(builder: Builder, cost: float) -> "list[tuple[float, partial[tuple[str, ast.expr]]]]":
    """Messages that the repo's own tests send."""
    found: list[tuple[float, partial[tuple[str, ast.expr]]]] = []
    for how in ANSWERS:
        for where, node in builder.mined.calls(how)[:MOST_MINED]:
            if isinstance(node, ast.Call) and node.args and builder.mined.is_example(builder.mined.root / where.path):
                found.append((cost + 0.2 * len(found), partial(_as_sent, builder, how, where, node.args[0])))
    return found


def _as_sent(builder: Builder, how: str, where: StackFrame, node: ast.expr) -> tuple[str, ast.expr]:
    return how, builder.expression(where, node)


def _greetings(builder: Builder, frame: StackFrame) -> int:
    """How many messages the server sends before it waits for the first."""
    node = frame.view.node
    if node is None:
        raise Dead("the handler cannot be seen")
    if node.name == "on_receive":
        owner = next((item for item in builder.mined.functions(frame.module, "on_connect")), None)
        return _sends(owner[1].body) if owner is not None else 0
    first = [
        part.lineno
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute) and (part.attr in SENDS or part.attr in ITERATES)
    ]
    return _sends(node.body, min(first, default=0))


def _sends(body: list[ast.stmt], before: int = 1 << 30) -> int:
    return sum(
        isinstance(part, ast.Await)
        and isinstance(part.value, ast.Call)
        and isinstance(part.value.func, ast.Attribute)
        and part.value.func.attr in ANSWERS
        and part.lineno < before
        for statement in body
        for part in ast.walk(statement)
    )


def _answers(frame: StackFrame) -> str:
    """How the handler's answers are read, "" when it sends none itself."""
    for part in ast.walk(frame.view.node) if frame.view.node is not None else ():
        if isinstance(part, ast.Attribute) and part.attr in ANSWERS:
            return ANSWERS[part.attr]
    return ""
