"""Connections that hold what was read from them: the streams of asyncio, with a writer that takes anything; sockets."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from triage.drafting.replay.stack.reprs import read_repr
from triage.drafting.replay.stack.scene import StackFrame

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

SOCKETS = ("socket.socket", "ssl.SSLSocket", "eventlet.greenio.base.GreenSocket")
KINDS = ("StreamReader", "StreamWriter", *SOCKETS)
_READS = ("readline", "readexactly", "readuntil", "read")
# What asyncio's own functions hold of a message that did not come to its end.
_PARTIAL = ("incomplete", "chunk", "partial")


def build(builder: "Builder", frame: StackFrame, name: str, kind: str) -> ast.expr:
    """The stream under a variable; one of each kind in a test."""
    known = ("asyncio stream", kind)
    if known not in builder.bound:
        maker = _socket if kind in SOCKETS else _reader if kind == "StreamReader" else _writer
        builder.bound[known] = maker(builder, frame, name)
    return builder.bound[known]


def _reader(builder: "Builder", frame: StackFrame, name: str) -> ast.expr:
    from triage.drafting.replay.building.opaque import content_options

    reader = builder.assign(name, ast.Call(builder.name("asyncio:StreamReader"), [], []), keep=True)
    seen = b"".join(read(builder))
    held = [(cost + 0.3, node) for cost, node in content_options(builder, frame, bytes)]
    options = [*held, *([(0.0, ast.Constant(seen))] if seen else [])]
    content = builder.choices.pick("what the stream brings", options)
    if content is not None:
        builder.add(ast.Expr(ast.Call(ast.Attribute(reader, "feed_data"), [content], [])))
    builder.add(ast.Expr(ast.Call(ast.Attribute(reader, "feed_eof"), [], [])))
    return reader


def _writer(builder: "Builder", frame: StackFrame, name: str) -> ast.expr:
    spec = ast.keyword("spec", builder.name("asyncio:StreamWriter"))
    return builder.assign(name, ast.Call(builder.name("unittest.mock:MagicMock"), [], [spec]), keep=True)


def _socket(builder: "Builder", frame: StackFrame, name: str) -> ast.expr:
    """One end of a pair of sockets; the other has sent what the stack received, and is gone."""
    from triage.drafting.replay.building.opaque import content_options

    held = [(cost + 0.6, node) for cost, node in content_options(builder, frame, bytes)]
    told = [(0.2 * at, ast.Constant(value)) for at, value in enumerate(dict.fromkeys(_received(builder, frame, name)))]
    content = builder.choices.pick("what the socket brings", [*told, *held])
    own, other = builder.fresh(name), builder.fresh("peer")
    pair = ast.Tuple([ast.Name(own, ast.Store()), ast.Name(other, ast.Store())], ast.Store())
    builder.add(ast.Assign([pair], ast.Call(builder.name("socket:socketpair"), [], []), lineno=0))
    if content is not None:
        builder.add(ast.Expr(ast.Call(ast.Attribute(ast.Name(other), "sendall"), [content], [])))
    builder.add(ast.Expr(ast.Call(ast.Attribute(ast.Name(other), "close"), [], [])))
    return ast.Name(own)


def _received(builder: "Builder", frame: StackFrame, name: str) -> Iterator[bytes]:
    """What the functions that have the socket got from calls they handed it to, as a line with its end and as it is."""
    wire = frame.variables.get(name)
    for other in reversed(builder.scene.repo_frames):
        labels = {label for label, held in other.variables.items() if held == wire}
        for node in (part for statement in other.view.before for part in ast.walk(statement)):
            if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
                continue
            call = node.value.value if isinstance(node.value, ast.Await) else node.value
            read = {part.id for part in ast.walk(call) if isinstance(part, ast.Name)}
            if not isinstance(call, ast.Call) or not labels & read:
                continue
            found = read_repr(text) if isinstance(text := other.variables.get(node.targets[0].id), str) else None
            value = found.tree.value if found is not None and isinstance(found.tree, ast.Constant) else text
            raw = value.encode() if isinstance(value, str) else value
            if isinstance(raw, bytes) and raw:
                yield from (raw,) if raw.endswith(b"\n") else (raw + b"\r\n\r\n", raw)


def read(builder: "Builder") -> Iterator[bytes]:
    """What the stack's functions still hold of what they read, in its order; last what came of the unfinished."""
    for frame in builder.scene.repo_frames:
        for statement in frame.view.before:
            for node in ast.walk(statement) if isinstance(statement, ast.stmt) else ():
                if not isinstance(node, ast.Assign | ast.NamedExpr) or not _is_read(node.value):
                    continue
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                text = frame.variables.get(target.id) if isinstance(target, ast.Name) else None
                if (value := _bytes(text)) is not None:
                    yield value
    for frame in builder.scene.frames:
        if frame.path.endswith("asyncio/streams.py"):
            yield from [value for label in _PARTIAL if (value := _bytes(frame.variables.get(label))) is not None][:1]


def _is_read(node: ast.expr) -> bool:
    call = node.value if isinstance(node, ast.Await) else node
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _READS


def _bytes(wire: object) -> bytes | None:
    found = read_repr(wire) if isinstance(wire, str) else None
    if found is None or not isinstance(found.tree, ast.Constant) or not isinstance(found.tree.value, bytes):
        return None
    return found.tree.value
