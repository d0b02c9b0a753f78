"""The streams of an asyncio connection: a reader that holds what was read from it, a writer that takes anything."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from triage.drafting.replay.reprs import read_repr
from triage.drafting.replay.scene import StackFrame

if TYPE_CHECKING:
    from triage.drafting.replay.builder import Builder

KINDS = ("StreamReader", "StreamWriter")
_READS = ("readline", "readexactly", "readuntil", "read")
# What asyncio's own functions hold of a message that did not come to its end.
_PARTIAL = ("incomplete", "chunk", "partial")


def build(builder: "Builder", frame: StackFrame, name: str, kind: str) -> ast.expr:
    """The stream under a variable; one of each kind in a test."""
    known = ("asyncio stream", kind)
    if known not in builder.bound:
        maker = _reader if kind == "StreamReader" else _writer
        builder.bound[known] = maker(builder, frame, name)
    return builder.bound[known]


def _reader(builder: "Builder", frame: StackFrame, name: str) -> ast.expr:
    from triage.drafting.replay.opaque import content_options

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
