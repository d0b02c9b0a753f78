"""Entry: the HTTP request of the event, sent through the app's own test client."""

import ast
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

from triage.domain.event import Json, Request
from triage.drafting.replay.building import alchemy
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.building.objects import by_factory, required_parameters
from triage.drafting.replay.candidate import Candidate, Dead
from triage.drafting.replay.entries import Site
from triage.drafting.replay.mining import fixtures
from triage.drafting.replay.mining.fixtures import RepoFixture
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.world import bodies, django_world, flask_world, twice, uploads

_DROPPED_HEADERS = re.compile(
    r"^(host|content-length|connection|user-agent|accept|accept-encoding|cookie|x-forwarded-.*|x-real-ip|x-request-id|traceparent"
    r"|sentry-trace|baggage|content-type|cdn-.*|cf-.*)$",
    re.IGNORECASE,
)
_CSRF = "csrfmiddlewaretoken"
_FILTERED = ("[Filtered]", "********")


@dataclass(frozen=True)
class Framework:
    """`pattern` finds the app in a source line; `send` builds the call that sends the request."""

    name: str
    module: str
    pattern: str
    send: Callable[[Builder, ast.expr, Request, bool], ast.expr]


def sites(scene: Scene) -> Iterable[Site]:
    """With a request in the event and a repo frame in the stack: without and with its headers."""
    request = scene.event.request
    if request is None or not any(frame.kind is Kind.REPO for frame in scene.frames):
        return
    yield Site("http", 0.2, lambda builder: build(builder, request))


def build(builder: Builder, request: Request) -> Candidate:
    """Find the app, make its client, send the request."""
    ways = [*_by_fixture(builder), *_django(builder), *_apps(builder)]
    if not ways:
        raise Dead("no app with a test client is found in the repo")
    way = builder.choices.pick("the app", [(0.5 * at, way) for at, way in enumerate(ways[:6])])
    request = with_body(builder, request)
    headers = bool(_headers(request)) and builder.choices.pick("headers", [(0.0, False), (0.8, True)])
    response = uploads.sent(builder, request, way(request, headers))
    twice.before(builder, response)
    first = next(frame for frame in builder.scene.frames if frame.kind is Kind.REPO)
    return builder.finish(
        ast.Attribute(response, "status_code"), f"{first.module}.{first.qualname}", "as an HTTP request"
    )


def with_body(builder: Builder, request: Request) -> Request:
    """The request with the body that its view has read, where the event has none."""
    if request.body not in (None, "", b"", {}) or request.method.upper() in ("GET", "HEAD"):
        return request
    held = bodies.from_stack(builder)
    options: list[tuple[float, tuple[str, Json] | None]] = [(0.2 * at, item) for at, item in enumerate(held)]
    chosen = builder.choices.pick("the body", [*options, (0.7, None)])
    if chosen is None:
        return request
    kind, value = chosen
    known = {"json": "application/json", "form": "application/x-www-form-urlencoded"}
    kept = tuple(item for item in request.headers if item[0].lower() != "content-type")
    said = _content_type(request) or "text/plain"
    builder.notes.append("the body is what the view read from it")
    return replace(request, body=value, headers=(*kept, ("Content-Type", known.get(kind, said))))


Way = Callable[[Request, bool], ast.expr]


def _by_fixture(builder: Builder) -> list[Way]:
    """The clients that the repo's own fixtures give, the database behind them filled through its session."""

    def send(fixture: RepoFixture, request: Request, headers: bool) -> ast.expr:
        rest = re.search(r"APIClient\(|\bClient\(", fixture.made) and django_world.settings_of(builder)
        if rest:
            django_world.fill(builder)
        else:
            alchemy.fill(builder)
        client = fixtures.use(builder, fixture)
        if rest:
            django_world.log_in(builder, client, "APIClient" in fixture.made)
            return _call(client, request, _django_keywords(request, headers))
        flask = "test_client" in fixture.made
        told = fixture.text + "".join(item.text for item in builder.scene.fixtures.values() if item.name == "app")
        if flask and not re.search(r"TESTING|\.testing\b", told):
            application = ast.Attribute(client, "application")
            builder.add(ast.Assign([ast.Attribute(application, "testing")], ast.Constant(True), lineno=0))
        if flask:
            flask_world.fill_session(builder, client)
        call = _call(client, request, keywords_of(request, headers, "data" if flask else "content"))
        waits = re.search(r"Async\w*Client\(", fixture.made)
        return ast.Await(call) if waits else call

    return [partial(send, fixture) for fixture in fixtures.clients(builder)[:2]]


def _apps(builder: Builder) -> list[Way]:
    """Module-level apps first, then factories, those that need the fewest arguments first, of
    every framework that is installed."""
    found: list[tuple[int, str, Framework, ast.FunctionDef | None]] = []
    for framework in FRAMEWORKS:
        if not builder.names.is_top(framework.module):
            continue
        for place, factory in builder.mined.makers(framework.pattern):
            needs = 1 + len(required_parameters(factory)) if factory else 0
            found.append((needs, place, framework, factory))
    found.sort(key=lambda item: (item[0], item[1].count("."), item[1]))
    return [_way(builder, place, framework, factory) for _, place, framework, factory in found]


def _way(builder: Builder, place: str, framework: Framework, factory: ast.FunctionDef | None) -> Way:
    def send(request: Request, headers: bool) -> ast.expr:
        return framework.send(builder, made_app(builder, place, factory), request, headers)

    return send


def made_app(builder: Builder, place: str, factory: ast.FunctionDef | None) -> ast.expr:
    """The app at `place`, or what its factory makes: as the repo's tests call it, else with what it requires."""
    if not builder.names.exists(place):
        raise Dead(f"{place} cannot be imported")
    if factory is None:
        return builder.name(place)
    _instance_folder(builder)
    frame = next(frame for frame in builder.scene.frames if frame.kind is Kind.REPO)
    calls = [item for item in builder.mined.calls(factory.name) if _has_settings(item[1])][:3]
    plain = 0.2 if calls else 0.0
    options: list[tuple[float, Callable[[], ast.expr]]] = [
        (plain, lambda: by_factory(builder, frame, place, factory, "app"))
    ]
    for at, (where, node) in enumerate(calls):
        options.append((0.1 + 0.2 * at, partial(_as_tests_do, builder, place, where, node)))
    return builder.assign("app", builder.choices.pick(f"{place}:app", options)(), keep=True)


def _instance_folder(builder: Builder) -> None:
    """Flask's instance folder, where the repo writes to it, lies in a temporary folder."""
    files = builder.mined.files
    if not builder.mined.remembered(
        "instance folder", lambda: any("instance_path" in builder.mined.text(file) for file in files)
    ):
        return
    place = ast.Call(ast.Name("str"), [builder.fixture("tmp_path")], [])
    answer = ast.Lambda(ast.arguments([], [ast.arg("app")], None, [], [], None, []), place)
    setting = ast.Attribute(builder.fixture("monkeypatch"), "setattr")
    owner = builder.name("flask:Flask")
    builder.add(ast.Expr(ast.Call(setting, [owner, ast.Constant("auto_find_instance_path"), answer], [])))


def _has_settings(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and bool(node.args or node.keywords)


def _as_tests_do(builder: Builder, place: str, where: StackFrame, node: ast.expr) -> ast.expr:
    assert isinstance(node, ast.Call)
    arguments = [builder.expression(where, item) for item in node.args]
    keywords = [ast.keyword(item.arg, builder.expression(where, item.value)) for item in node.keywords]
    return ast.Call(builder.name(place), arguments, keywords)


def flask_app(builder: Builder) -> ast.expr:
    """A Flask app of the repo, ready to be asked. Raises Dead where there is none."""
    flask = FRAMEWORKS[0]
    places = builder.mined.makers(flask.pattern) if builder.names.is_top(flask.module) else []
    places.sort(key=lambda item: (len(required_parameters(item[1])) if item[1] else -1, item[0].count("."), item[0]))
    options = [(0.5 * at, place) for at, place in enumerate(places[:4])]
    app = made_app(builder, *builder.choices.pick("the Flask app", options))
    builder.add(ast.Assign([ast.Attribute(app, "testing")], ast.Constant(True), lineno=0))
    return app


def _flask(builder: Builder, app: ast.expr, request: Request, headers: bool) -> ast.expr:
    builder.add(ast.Assign([ast.Attribute(app, "testing")], ast.Constant(True), lineno=0))
    alchemy.fill(builder, app)
    client = builder.assign("client", ast.Call(ast.Attribute(app, "test_client"), [], []), keep=True)
    flask_world.fill_session(builder, client)
    return _call(client, request, keywords_of(request, headers, "data"))


def _asgi(builder: Builder, app: ast.expr, request: Request, headers: bool) -> ast.expr:
    made = ast.Call(builder.name("starlette.testclient:TestClient"), [app], [])
    starts = builder.mined.remembered("lifespan", lambda: _starts(builder))
    if builder.choices.pick("lifespan", [(0.3 if starts else 0.0, False), (0.0 if starts else 1.0, True)]):
        name = builder.fresh("client")
        builder.enter(ast.With([ast.withitem(made, ast.Name(name, ast.Store()))], [], lineno=0))
        client: ast.expr = ast.Name(name)
    else:
        client = builder.assign("client", made, keep=True)
    return _call(client, request, keywords_of(request, headers, "content"))


def _starts(builder: Builder) -> bool:
    """Whether an app of the repo does something when it starts."""
    pattern = re.compile(r"\blifespan\s*=|on_event\(|on_startup\b|add_event_handler\(")
    return any(pattern.search(builder.mined.text(file)) for file in builder.mined.files)


def _django(builder: Builder) -> list[Way]:
    if not django_world.settings_of(builder):
        return []

    def send(request: Request, headers: bool) -> ast.expr:
        django_world.hosts(builder)
        django_world.fill(builder)
        client = django_world.client(builder)
        return _call(client, request, _django_keywords(request, headers))

    return [send]


def _django_keywords(request: Request, headers: bool) -> list[ast.keyword]:
    if isinstance(request.body, dict):  # the test client is not asked for a token
        request = replace(request, body={name: value for name, value in request.body.items() if name != _CSRF})
    keywords = keywords_of(request, False, "data")
    for item in keywords:
        if item.arg == "json":
            item.arg = "data"
            keywords.append(ast.keyword("content_type", ast.Constant("application/json")))
            break
    if headers:
        meta = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in _headers(request)}
        keywords += [ast.keyword(name, ast.Constant(value)) for name, value in meta.items()]
    return keywords


def _call(client: ast.expr, request: Request, keywords: list[ast.keyword]) -> ast.expr:
    method = request.method.lower()
    if method not in ("get", "post", "put", "patch", "delete", "head", "options"):
        raise Dead(f"{request.method} is not a method that test clients send")
    return ast.Call(ast.Attribute(client, method), [ast.Constant(target(request))], keywords)


def target(request: Request) -> str:
    """Path and query of the request."""
    parts = urlsplit(request.url)
    query = parts.query
    if not query and request.query:
        from urllib.parse import urlencode

        query = urlencode(list(request.query))
    return (parts.path or "/") + (f"?{query}" if query else "")


def keywords_of(request: Request, headers: bool, raw: str) -> list[ast.keyword]:
    keywords: list[ast.keyword] = []
    body = body_of(request)
    kind = _content_type(request)
    if body not in (None, "", b""):
        if "form" in kind and isinstance(body, dict):
            keywords.append(ast.keyword("data", literal_of(body)))
        elif isinstance(body, dict | list) or "json" in kind:
            keywords.append(ast.keyword("json", literal_of(body)))
        else:
            keywords.append(ast.keyword(raw, literal_of(body)))
            if kind:
                keywords.append(ast.keyword("headers", literal_of({"Content-Type": kind})))
    if headers and _headers(request) and not any(item.arg == "headers" for item in keywords):
        keywords.append(ast.keyword("headers", literal_of(dict(_headers(request)))))
    return keywords


def _content_type(request: Request) -> str:
    return next((value for name, value in request.headers if name.lower() == "content-type"), "")


def body_of(request: Request) -> Json:
    """The body, read as JSON where it says that it is."""
    if isinstance(request.body, str) and request.body.startswith("[Can't show request body"):  # sentry-sdk, aiohttp
        return None
    if isinstance(request.body, str) and "json" in _content_type(request):
        try:
            parsed: Json = json.loads(request.body)
        except ValueError:
            return request.body
        return parsed
    return request.body


def _headers(request: Request) -> Sequence[tuple[str, str]]:
    return [
        (name, value) for name, value in request.headers if not _DROPPED_HEADERS.match(name) and value not in _FILTERED
    ]


def literal_of(value: Json) -> ast.expr:
    if isinstance(value, dict):
        return ast.Dict([ast.Constant(str(key)) for key in value], [literal_of(item) for item in value.values()])
    if isinstance(value, list | tuple):
        return ast.List([literal_of(item) for item in value])
    assert value is None or isinstance(value, bool | int | float | str)
    return ast.Constant(value)


FRAMEWORKS = (
    Framework("flask", "flask", r"\b(?:flask\.)?Flask\(", _flask),
    Framework("fastapi", "fastapi", r"\b(?:fastapi\.)?FastAPI\(", _asgi),
    Framework("starlette", "starlette", r"\b(?:starlette\.applications\.)?Starlette\(", _asgi),
    Framework("litestar", "litestar", r"\bLitestar\(", _asgi),
)
