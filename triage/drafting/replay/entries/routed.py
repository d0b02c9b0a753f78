"""Entry: a request made up for the view that failed, where the event has none (a log's traceback has no request).

Method and path stand in the repo's own routes: decorators of the view, and tables that name it. What the view reads
of the request tells the names of fields; their values are plain ones.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from triage.domain.event import Json, Request
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Candidate, Dead
from triage.drafting.replay.entries import Site, aiohttp, http
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame

SERVERS = re.compile(r"(?:^|/)(?:fastapi|starlette|flask|django|rest_framework|aiohttp|werkzeug|quart|falcon)/")
METHODS = ("get", "post", "put", "patch", "delete")
HOLES = re.compile(r"\{(?P<brace>\w+)(?::(?P<after>\w+))?\}|<(?:(?P<before>\w+):)?(?P<angle>\w+)>")
IN_QUERY = re.compile(r"\.(?:args|GET|query_params|query|rel_url\.query)\b")
IN_BODY = re.compile(r"\.(?:form|POST|json|get_json|data|values|body|post|files)\b")
# Plain values by the type that an annotation or a route's converter names; the first is tried first.
PLAIN: dict[str, tuple[Json, ...]] = {
    "int": (1, 0), "float": (1.0, 0), "Decimal": ("1", "0"), "bool": (True, False), "str": ("x", ""),
    "date": ("2024-01-01",),
    "datetime": ("2024-01-01T00:00:00",), "list": ([],), "dict": ({},),
    "UUID": ("00000000-0000-0000-0000-000000000001",), "uuid": ("00000000-0000-0000-0000-000000000001",),
    "slug": ("x",), "path": ("x",), "EmailStr": ("ana@example.org",),
}  # fmt: skip
ANYTHING: tuple[Json, ...] = ("x", "1", "")
MOST = 4


@dataclass(frozen=True)
class Route:
    """Where a view is reached. `fields` are the types of what its body has, by name."""

    method: str
    path: str
    query: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    types: dict[str, str] = field(default_factory=dict)
    is_json: bool = True


def sites(scene: Scene) -> Iterable[Site]:
    """Without a request in the event, below the frames of a web framework."""
    served = any(SERVERS.search(frame.path) for frame in scene.frames if frame.kind is Kind.LIBRARY)
    if scene.event.request is None and served:
        yield Site("routed", 0.6, build)


def build(builder: Builder) -> Candidate:
    """Send the request that the first view of the stack is made for. Raises Dead where no route names it."""
    for frame in [item for item in builder.scene.repo_frames if item.name != "<module>"][:3]:
        known = builder.mined.remembered(f"routes of {frame.index}", partial(_known, builder, frame))
        if known:
            route = builder.choices.pick("the route", [(0.3 * at, item) for at, item in enumerate(known)])
            request = _filled(builder, route)
            builder.notes.append("the request is made up: the event has none")
            if any("/aiohttp/" in item.path for item in builder.scene.frames):
                return aiohttp.by_handler(builder, request)
            return http.build(builder, request)
    raise Dead("no route of the repo leads to the code that failed")


def _known(builder: Builder, frame: StackFrame) -> list[Route]:
    return list(routes(builder, frame))[:MOST]


def routes(builder: Builder, frame: StackFrame) -> Iterator[Route]:
    """The routes that lead to a function of the repo, with what it reads of a request."""
    node, view = frame.view.node, frame.qualname.split(".")[0]
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    query, body, is_json = _read(node)
    types = {item.arg: _plain_type(item.annotation) for item in [*node.args.args, *node.args.kwonlyargs]}
    for method, path in dict.fromkeys(_told(builder, frame, node, view)):
        method = method or (node.name.upper() if node.name in METHODS else "POST" if body else "GET")
        held = {match["brace"] or match["angle"] for match in HOLES.finditer(path)}
        asked = [item.arg for item in _required(node) if types[item.arg] in PLAIN and item.arg not in held]
        known = dict(types)
        for label, kind in _of_models(builder, frame, node):
            known[label] = kind
            body = {**body, label: None}
        yield Route(method, path, tuple(dict.fromkeys([*query, *asked])), tuple(body), known, is_json)


def _told(builder: Builder, frame: StackFrame, node: ast.AST, view: str) -> Iterator[tuple[str, str]]:
    """(method, path) of the decorators, then of calls anywhere in the repo that name the view beside a path."""
    for mark in getattr(node, "decorator_list", []):
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.args:
            path, method = mark.args[0], mark.func.attr
            if isinstance(path, ast.Constant) and isinstance(path.value, str) and path.value[:1] in ("", "/"):
                owner = ast.unparse(mark.func.value)
                prefix = _prefix(builder, frame, owner)
                yield _method(mark, method), (prefix + path.value) or "/"
    pattern = re.compile(rf"\b{re.escape(view)}\b")
    for file in builder.mined.files:
        text = builder.mined.text(file)
        if not pattern.search(text) or ("path(" not in text and "Route(" not in text and "add_" not in text):
            continue
        source = builder.mined.source(file)
        for call in ast.walk(source.tree) if source is not None and source.tree is not None else ():
            if not isinstance(call, ast.Call) or len(call.args) < 2:
                continue
            texts = [
                item.value for item in call.args[:2] if isinstance(item, ast.Constant) and isinstance(item.value, str)
            ]
            named = [ast.unparse(item).removesuffix(".as_view()").rpartition(".")[2] for item in call.args[1:3]]
            if texts and view in named:
                called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                yield _method(call, called.removeprefix("add_")), "/" + texts[-1].lstrip("/")


def _method(call: ast.Call, name: str) -> str:
    given = next((item.value for item in call.keywords if item.arg == "methods"), None)
    listed = [item.value for item in ast.walk(given) if isinstance(item, ast.Constant)] if given is not None else []
    told = [str(item).upper() for item in listed]
    return "POST" if "POST" in told else told[0] if told else name.upper() if name.lower() in METHODS else ""


def _prefix(builder: Builder, frame: StackFrame, owner: str) -> str:
    """What stands before the paths of a router or blueprint: where it is made, and where it is taken in."""
    found = ""
    sources = ["\n".join(frame.source.lines.values())]
    made = re.search(rf"^{re.escape(owner)}\s*=\s*\w*(?:Router|Blueprint)\(([^)]*)\)", sources[0], re.MULTILINE)
    for pattern in (r"(?:url_)?prefix\s*=\s*['\"]([^'\"]*)['\"]",):
        if made and (match := re.search(pattern, made[1])):
            found = match[1]
    taken = re.compile(
        rf"(?:include_router|register_blueprint)\(\s*(?:\w+\.)*(?:{re.escape(frame.module.rpartition('.')[2])}\.)?"
        rf"{re.escape(owner)}\s*,[^)]*?prefix\s*=\s*['\"]([^'\"]*)['\"]"
    )
    for file in builder.mined.files:
        text = builder.mined.text(file)
        if ("include_router" in text or "register_blueprint" in text) and (match := taken.search(text)):
            return match[1] + found
    return found


def _read(node: ast.AST) -> tuple[dict[str, None], dict[str, None], bool]:
    """Names of what is read of the query and of the body, and whether that is JSON."""
    query: dict[str, None] = {}
    body: dict[str, None] = {}
    made = {
        item.targets[0].id: ast.unparse(item.value)
        for item in ast.walk(node)
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name)
    }
    text = ast.unparse(node)
    for part in ast.walk(node):
        key: ast.expr | None = None
        owner: ast.expr | None = None
        if isinstance(part, ast.Subscript):
            owner, key = part.value, part.slice
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.args:
            owner, key = (
                (part.func.value, part.args[0]) if part.func.attr in ("get", "getlist", "pop") else (None, None)
            )
        if owner is None or not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            continue
        shown = ast.unparse(owner)
        shown = made.get(shown, shown)
        if "request" not in shown:
            continue
        if IN_QUERY.search(shown):
            query[key.value] = None
        elif IN_BODY.search(shown):
            body[key.value] = None
    return query, body, not re.search(r"request\.(?:form|POST)\b", text)


def _required(node: "ast.FunctionDef | ast.AsyncFunctionDef") -> list[ast.arg]:
    count = len(node.args.args) - len(node.args.defaults)
    return [item for item in node.args.args[:count] if item.arg not in ("self", "cls", "request")]


def _plain_type(annotation: ast.expr | None) -> str:
    text = ast.unparse(annotation).strip("'\"") if annotation is not None else ""
    inner = re.sub(r"Optional\[(.*)\]|(\w+) \| None", lambda match: match[1] or match[2], text)
    return inner.partition("[")[0].rpartition(".")[2]


def _of_models(
    builder: Builder, frame: StackFrame, node: "ast.FunctionDef | ast.AsyncFunctionDef"
) -> Iterator[tuple[str, str]]:
    """Fields of the models that parameters are annotated with."""
    for item in _required(node):
        name = _plain_type(item.annotation)
        if not name or name in PLAIN or not name[:1].isupper():
            continue
        for path in builder.names.find(name)[:2]:
            described = builder.names.describe(path)
            if not any("BaseModel" in str(base) for base in described.get("mro") or ()):
                continue
            for known in described.get("parameters") or ():
                if isinstance(known, dict) and not known.get("default"):
                    told = str(known.get("annotation") or "").strip("'\"")
                    yield str(known.get("name")), told.partition("[")[0].rpartition(".")[2]
            break


def _filled(builder: Builder, route: Route) -> Request:
    """The request with plain values in the holes of the path, in the query and in the body."""

    def value(name: str, kind: str) -> Json:
        options = PLAIN.get(kind, ANYTHING)
        return builder.choices.pick(f"field {name}", [(0.5 * at, item) for at, item in enumerate(options)])

    def hole(match: "re.Match[str]") -> str:
        name = match["brace"] or match["angle"]
        kind = match["after"] or match["before"] or route.types.get(name, "")
        return str(value(name, kind if kind in PLAIN else "int" if not kind and name.endswith("id") else kind)) or "x"

    path = HOLES.sub(hole, route.path)
    query = tuple((name, str(value(name, route.types.get(name, "")))) for name in route.query)
    body = {name: value(name, route.types.get(name, "")) for name in route.fields}
    kind = "application/json" if route.is_json else "application/x-www-form-urlencoded"
    held = route.method not in ("GET", "HEAD") and bool(body)
    return Request(
        route.method,
        f"http://localhost{path}",
        query=query,
        headers=(("Content-Type", kind),) if held else (),
        body=body if held else None,
        body_state="full" if held else "absent",
    )
