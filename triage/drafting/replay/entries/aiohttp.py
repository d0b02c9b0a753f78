"""Entry: an aiohttp handler or view, called with a mocked request: aiohttp's test server would swallow the error."""

import ast
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from triage.domain.event import Request
from triage.drafting.replay.building import objects
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Candidate, Dead
from triage.drafting.replay.entries import Site, direct, http, recorded
from triage.drafting.replay.stack import flow
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.world import held_state


def sites(scene: Scene) -> Iterable[Site]:
    """With a request in the event and aiohttp on the stack: the handler alone, and with answering dependencies."""
    request = scene.event.request
    if request is None or not scene.repo_frames:
        return
    if any(frame.module.split(".")[0] == "aiohttp" or "/aiohttp/" in frame.path for frame in scene.frames):
        yield Site("aiohttp handler", 0.4, lambda builder: by_handler(builder, request))
        yield Site("aiohttp handler recorded", 0.7, lambda builder: by_handler(builder, request, answering=True))


def by_handler(builder: Builder, request: Request, answering: bool = False) -> Candidate:
    """The handler called with the event's request.

    `answering`: what the functions below it asked of the world answers as it did.
    """
    frame = next(item for item in builder.scene.frames if item.kind is Kind.REPO)
    asked = [item for item in builder.scene.repo_frames if "request" in item.view.parameters]
    if "handler" in frame.view.parameters:  # a middleware: the handler that it wraps, if that was reached
        frame = next((item for item in asked if "handler" not in item.view.parameters), frame)
    if answering:
        recorded.lay(builder, [item for item in builder.scene.repo_frames if item.index > frame.index], False)
    given = "request" in frame.view.parameters
    of_view = not given and bool(frame.class_name) and "self.request" in frame.text  # a method of `web.View`
    if not given and not of_view:
        raise Dead(f"{frame.name} takes no request")
    words = [ast.Constant(request.method.upper()), ast.Constant(http.target(request))]
    info = _match_info("\n".join(frame.source.lines.values()), urlsplit(request.url).path)
    keywords = [ast.keyword("match_info", http.literal_of(info))] if info else []
    if (app := _aiohttp_app(builder, frame)) is not None:
        keywords.append(ast.keyword("app", app))
    made = ast.Call(builder.name("aiohttp.test_utils:make_mocked_request"), [*words], keywords)
    variable = builder.assign("request", made, keep=True)
    body = http.body_of(request)
    if body not in (None, ""):
        answer = ast.Call(
            builder.name("unittest.mock:AsyncMock"), [], [ast.keyword("return_value", http.literal_of(body))]
        )
        attribute = "json" if isinstance(body, dict | list) else "text"
        builder.add(ast.Assign([ast.Attribute(variable, attribute)], answer, lineno=0))
    if of_view:
        view = ast.Call(builder.name(builder.names.public(f"{frame.module}:{frame.class_name}")), [variable], [])
        builder.is_async = True
        call = ast.Await(ast.Call(ast.Attribute(view, frame.name), [], []))
        return builder.finish(call, f"{frame.module}.{frame.qualname}", "called with its captured values")
    builder.substitutes["request"] = variable
    return direct.build(builder, frame)


def _aiohttp_app(builder: Builder, frame: StackFrame) -> ast.expr | None:
    """An application that holds what the handler takes out of `request.app[...]`; None where it takes nothing."""
    following = next((item for item in builder.scene.repo_frames if item.index > frame.index), None)
    call = flow.call_of(frame, following) if following is not None and following.view.node is not None else None
    app: ast.expr | None = None
    taken = [node for node in ast.walk(frame.view.node or ast.Module([], [])) if isinstance(node, ast.Subscript)]
    for node in {ast.unparse(item): item for item in taken if ast.unparse(item.value).endswith("request.app")}.values():
        if app is None:
            app = builder.assign("app", ast.Call(builder.name("aiohttp.web:Application"), [], []), keep=True)
        held: ast.expr | None = None
        for label in following.view.parameters if following is not None and call is not None else ():
            given = flow.argument_for(call, following, label) if call is not None and following is not None else None
            if given is not None and ast.unparse(given) == ast.unparse(node) and following is not None:
                held = recorded.stand_in(builder, following, label)
        if held is None and following is not None and call is not None and _is_made_on(frame, call, node):
            wire = following.variables.get(following.view.parameters[0])
            path = objects.runtime_class(builder, following, wire)
            held = builder.assign("held", objects.construct(builder, following, path, f"{following.index}.self"))
            held_state.collect(builder, held, wire)
        value = held or ast.Call(builder.name("unittest.mock:MagicMock"), [], [])
        key = builder.expression(frame, node.slice)
        builder.add(ast.Assign([ast.Subscript(app, key, ast.Store())], value, lineno=0))
    return app


def _is_made_on(frame: StackFrame, call: ast.Call, node: ast.expr) -> bool:
    """Whether the call is a method of the object that this expression gives, itself or by a variable."""
    if not isinstance(call.func, ast.Attribute):
        return False
    owner = call.func.value
    if isinstance(owner, ast.Name):
        named = (item for item in frame.view.before if isinstance(item, ast.Assign))
        assigned = [item.value for item in named if ast.unparse(item.targets[0]) == owner.id]
        return any(ast.unparse(item) == ast.unparse(node) for item in assigned)
    return ast.unparse(owner) == ast.unparse(node)


def _match_info(source: str, path: str) -> dict[str, str]:
    """What the route of this source that fits the path binds: `/rooms/{name}/book`."""
    for route in re.findall(r"['\"](/[^'\"]*\{[^'\"]*)['\"]", source):
        names = re.findall(r"\{(\w+)", route)
        pattern = re.sub(r"\\\{[^/]*?\\\}", "([^/]+)", re.escape(route))
        match = re.fullmatch(pattern, path)
        if match and len(match.groups()) == len(names):
            return dict(zip(names, match.groups(), strict=True))
    return {}
