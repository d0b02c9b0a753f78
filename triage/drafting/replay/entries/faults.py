"""Entry: a fault from outside: the dependency is made to fail the same way at the same call."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import partial

from triage.domain.event import Raised
from triage.drafting.replay.building import objects
from triage.drafting.replay.building import raised as raising
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Candidate, Dead
from triage.drafting.replay.entries import Site, caller, command, direct, http, management, recorded, tasks
from triage.drafting.replay.stack.recordings import assignment
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.world import aws

# Failures of the world around a program; what it was given decides nothing about them.
WORLD = re.compile(
    r"Timeout|TimedOut|Connect|Connection|Network|Unavailable|OperationalError|InterfaceError|Refused|Reset|BrokenPipe"
    r"|DNS|gaierror|SSL|Certificate|TooManyRequests|Throttl|ReadError|WriteError|ProtocolError|HTTPError|HTTPStatusError"
    r"|ClientError|botocore|EndpointConnection|ServerError|BadGateway|DiskFull|LockError|RedisError|KafkaError|AMQP|Smtp|SMTP"
    r"|PermissionError|BlockingIOError|InterruptedError|IncompleteRead|RemoteDisconnected|Unreachable|socket\.|ResponseError",
)
# What an answer that is no JSON or XML raises, and the lines that read one.
UNREADABLE = re.compile(r"JSONDecodeError|ParseError|ExpatError|UnicodeDecodeError|DecodeError|ContentTypeError")
ANSWER = re.compile(r"\.json\(|\.text\b|\.content\b|\.read\(|response|resp\b|reply")


def sites(scene: Scene) -> Iterable[Site]:
    """The outermost ways in, each with the fault laid on; early where the world is to blame, else late."""
    crash = crash_frame(scene)
    raised = scene.event.crash
    if crash is None or raised is None or not raised_outside(scene, crash):
        return
    text = f"{raised.qualified} {raised.value if raised.type in ('OSError', 'error') else ''}"
    blame = bool(WORLD.search(text)) or (raised.type in ("OSError", "IOError") and "No space" in raised.value)
    extra = -0.6 if blame else 5.0
    statement = ast.unparse(crash.view.statement) if crash.view.statement is not None else ""
    if UNREADABLE.search(raised.qualified) and ANSWER.search(statement):
        extra = -0.6
    kinds = (http, command, management, tasks, recorded, caller, direct)
    ways = [way for kind in kinds for way in kind.sites(scene)]
    for way in sorted(ways, key=lambda site: site.cost)[:8]:
        yield Site(f"fault {way.key}", way.cost + extra, partial(build, way=way, crash=crash, raised=raised))


def crash_frame(scene: Scene) -> StackFrame | None:
    inside = [frame for frame in scene.frames if frame.kind is Kind.REPO]
    return inside[-1] if inside else None


def raised_outside(scene: Scene, crash: StackFrame) -> bool:
    """Whether the crash lies below the repo, or in a call of something written in C."""
    if any(frame.index > crash.index for frame in scene.frames):
        return True
    statement = crash.view.statement
    if statement is None or isinstance(statement, ast.Raise):
        return False
    return any(isinstance(node, ast.Call | ast.With | ast.For) for node in ast.walk(statement))


def build(builder: Builder, way: Site, crash: StackFrame, raised: Raised) -> Candidate:
    """The way in, with the dependency failing."""
    refused = aws.refused(builder.scene)
    if refused is not None and builder.choices.pick("refused by AWS", [(0.0, True), (0.8, False)]):
        aws.lay(builder, raised, refused)
    else:
        lay(builder, crash, raising.exception(builder, crash, raised))
    builder.notes.append(f"the dependency is made to fail as it did: {raised.type}")
    candidate = way.build(builder)
    if not _reaches(candidate):
        raise Dead("the failing dependency reaches nothing")
    return candidate


def _reaches(candidate: Candidate) -> bool:
    """Whether the test hands its failing dependency to something, or puts it in some place."""
    made = {"dependency"}
    for statement in candidate.body:
        text = ast.unparse(statement)
        if "side_effect=" in text and ".setattr(" in text:
            return True
        own = isinstance(statement, ast.Assign) and text.startswith(tuple(made))
        if not own and any(isinstance(node, ast.Name) and node.id in made for node in ast.walk(statement)):
            return True
    return False


def _has_method(builder: Builder, library: StackFrame, name: str) -> bool:
    try:
        path = objects.class_path(builder, library, _class_of(library))
    except Dead:
        return False
    return builder.names.exists(f"{path}.{name}")


def lay(builder: Builder, crash: StackFrame, error: ast.expr) -> None:
    """Patch what the crash frame called so that it raises `error`."""
    calls = list(outward_calls(builder, crash))
    if not calls:
        raise Dead(f"{crash.name} calls nothing that can be made to fail")
    call, awaited = builder.choices.pick("the failing call", [(0.4 * at, item) for at, item in enumerate(calls)])
    chain, root = _chain_of(call.func)
    if root is None:
        raise Dead("the failing call is made on an expression")
    failing = _mock(builder, awaited, [ast.keyword("side_effect", error)])
    if not builder.is_local(crash, root) and crash.view.node is not None:
        _patch_global(builder, crash, root, chain, failing)
        return
    library = builder.scene.frames[crash.index + 1] if crash.index + 1 < len(builder.scene.frames) else None
    options: list[tuple[float, str]] = []
    known = library is not None and chain and _class_of(library)
    if known and library is not None and (library.name == chain[-1] or _has_method(builder, library, chain[-1])):
        options.append((0.0, "class"))
    if root in ("self", "cls") and len(chain) > 1:
        options.append((0.3, "attribute"))
    elif root in crash.view.parameters and chain:
        options.append((0.3, "parameter"))
    if chain:
        options.append((0.6, "maker"))
    how = builder.choices.pick("how the call fails", options)
    if how == "class" and library is not None:
        path = objects.class_path(builder, library, _class_of(library))
        _set(builder, builder.name(path), chain[-1], failing)
    elif how == "attribute":
        _patch_maker(builder, crash, _attribute_maker(crash, chain[0]), chain[1:], error, awaited, attribute=chain[0])
    elif how == "parameter":
        builder.substitutes[root] = _configured(builder, chain, error, awaited)
    else:
        binding = assignment(crash, root)
        _patch_maker(builder, crash, _maker(binding, root), chain, error, awaited)


def outward_calls(builder: Builder, crash: StackFrame) -> Iterator[tuple[ast.Call, bool]]:
    """Calls of the crash line that leave the repo, with whether they are awaited; the one that failed first."""
    from triage.drafting.replay.stack.operations import headers_only

    statement = crash.view.statement
    if statement is None:
        return
    headers = headers_only(statement)
    awaited = {id(node.value) for node in ast.walk(headers) if isinstance(node, ast.Await)}
    if isinstance(statement, ast.AsyncWith):
        awaited |= {id(item.context_expr) for item in statement.items}
    calls = [node for node in ast.walk(headers) if isinstance(node, ast.Call)]
    after = [frame for frame in builder.scene.frames if frame.index > crash.index]
    wanted = {frame.name for frame in after[:1]} | ({part for frame in after[:1] for part in frame.view.classes})
    calls.sort(key=lambda node: _tail(node) not in wanted)
    for node in calls:
        yield node, id(node) in awaited


def _tail(node: ast.Call) -> str:
    return (
        node.func.attr
        if isinstance(node.func, ast.Attribute)
        else node.func.id
        if isinstance(node.func, ast.Name)
        else ""
    )


def _chain_of(node: ast.expr) -> tuple[list[str], str | None]:
    chain: list[str] = []
    while isinstance(node, ast.Attribute):
        chain.insert(0, node.attr)
        node = node.value
    return chain, node.id if isinstance(node, ast.Name) else None


def _patch_global(builder: Builder, crash: StackFrame, root: str, chain: list[str], failing: ast.expr) -> None:
    """`module.function` by its module; a name that the repo's module imported in that module."""
    if chain:
        owner = builder.global_name(crash, root)
        for part in chain[:-1]:
            owner = ast.Attribute(owner, part)
        _set(builder, owner, chain[-1], failing)
        return
    module = builder.import_module(crash.module)
    known = builder.names.exists(f"{crash.module}:{root}")
    _set(builder, module, root, failing, raising=known)


def _set(builder: Builder, owner: ast.expr, name: str, value: ast.expr, raising: bool = True) -> None:
    keywords = [] if raising else [ast.keyword("raising", ast.Constant(False))]
    call = ast.Call(
        ast.Attribute(builder.fixture("monkeypatch"), "setattr"), [owner, ast.Constant(name), value], keywords
    )
    builder.add(ast.Expr(call))


def _mock(builder: Builder, awaited: bool, keywords: list[ast.keyword]) -> ast.expr:
    return ast.Call(builder.name(f"unittest.mock:{'AsyncMock' if awaited else 'MagicMock'}"), [], keywords)


def _configured(builder: Builder, chain: list[str], error: ast.expr, awaited: bool, prefix: str = "") -> ast.expr:
    """A mock whose attribute chain raises when it is called."""
    variable = builder.assign("dependency", _mock(builder, False, []), keep=True)
    target: ast.expr = variable
    for part in (*(prefix.split(".") if prefix else ()), *chain):
        target = ast.Attribute(target, part)
    if awaited:
        builder.add(ast.Assign([target], _mock(builder, True, [ast.keyword("side_effect", error)]), lineno=0))
    else:
        builder.add(ast.Assign([ast.Attribute(target, "side_effect")], error, lineno=0))
    return variable


def _maker(binding: ast.stmt | None, name: str) -> tuple[ast.Call | None, str]:
    """The call that made the object, and how the object hangs on the call's result."""
    if isinstance(binding, ast.Assign | ast.AnnAssign) and isinstance(binding.value, ast.Call | ast.Await):
        value = binding.value.value if isinstance(binding.value, ast.Await) else binding.value
        return (value, "return_value") if isinstance(value, ast.Call) else (None, "")
    if isinstance(binding, ast.With | ast.AsyncWith):
        for item in binding.items:
            if (
                isinstance(item.optional_vars, ast.Name)
                and item.optional_vars.id == name
                and isinstance(item.context_expr, ast.Call)
            ):
                return item.context_expr, "return_value.__enter__.return_value"
    return None, ""


def _attribute_maker(crash: StackFrame, attribute: str) -> tuple[ast.Call | None, str]:
    for value in _values(crash, attribute):
        if isinstance(value, ast.Call):
            return value, "return_value"
        if isinstance(value, ast.Name):
            return None, value.id
    return None, ""


def _values(crash: StackFrame, attribute: str) -> list[ast.expr]:
    """What the attribute is set to; of `session or Session()` and of a conditional each part, calls first."""
    found = crash.source.attribute_value(attribute)
    if found is None:
        return []
    value = found[0]
    parts = (
        value.values
        if isinstance(value, ast.BoolOp)
        else [value.body, value.orelse]
        if isinstance(value, ast.IfExp)
        else [value]
    )
    return sorted(parts, key=lambda part: not isinstance(part, ast.Call))


def _patch_maker(
    builder: Builder,
    crash: StackFrame,
    maker: tuple[ast.Call | None, str],
    chain: list[str],
    error: ast.expr,
    awaited: bool,
    attribute: str = "",
) -> None:
    """Replace the function that makes the object, so that what it makes fails."""
    call, prefix = maker
    if call is None:
        if prefix and attribute:
            builder.substitutes[prefix] = _configured(builder, chain, error, awaited)
            return
        raise Dead("what made the failing object cannot be seen")
    path, root = _chain_of(call.func)
    if root in ("self", "cls") and len(path) == 2:
        _patch_class(builder, crash, call, path, chain, error, awaited, prefix)
        return
    if root is None or (builder.is_local(crash, root) and root not in ("cls",)):
        raise Dead("what made the failing object cannot be replaced")
    dependency = _configured(builder, chain, error, awaited, prefix)
    _patch_global(builder, crash, root, path, dependency)


def _patch_class(
    builder: Builder,
    crash: StackFrame,
    call: ast.Call,
    path: list[str],
    chain: list[str],
    error: ast.expr,
    awaited: bool,
    prefix: str,
) -> None:
    """`response = self.session.get(...)`: the session's class gives an answer that fails when it is read."""
    made = next((value.func for value in _values(crash, path[0]) if isinstance(value, ast.Call)), None)
    names, root = _chain_of(made) if made is not None else ([], None)
    if root is None or crash.view.node is None:
        raise Dead(f"what made self.{path[0]} cannot be seen")
    owner = builder.global_name(crash, root)
    for part in names:
        owner = ast.Attribute(owner, part)
    answer = _configured(builder, chain, error, awaited, prefix.partition("return_value.")[2])
    _tell_status(builder, crash, answer, call)
    waits = any(isinstance(node, ast.Await) and node.value is call for node in ast.walk(crash.view.node))
    _set(builder, owner, path[1], _mock(builder, waits, [ast.keyword("return_value", answer)]))


def _tell_status(builder: Builder, crash: StackFrame, answer: ast.expr, call: ast.Call) -> None:
    """The status that the captured response prints: `<Response [502]>`, `<ClientResponse(...) [404 Not Found]>`."""
    for wire in crash.variables.values():
        match = re.match(r"<\w*Response\b.*\[(\d{3})\b", wire) if isinstance(wire, str) else None
        if match:
            for name in ("status_code", "status"):
                builder.add(ast.Assign([ast.Attribute(answer, name)], ast.Constant(int(match[1])), lineno=0))
            return


def _class_of(frame: StackFrame) -> str:
    """The class of a library frame's `self`, as its repr says."""
    wire = frame.variables.get("self")
    match = re.match(r"<([\w.]+) object at 0x|<([a-z_]\w*(?:\.\w+)+)[\s(:>]", wire) if isinstance(wire, str) else None
    return (match[1] or match[2]) if match else ""
