"""Makes objects for `<...>` reprs: classes, functions, enum members, streams, iterators, instances."""

import ast
from typing import TYPE_CHECKING

from triage.drafting.replay.building import emptied, made_up, objects, rows
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.stack import flow
from triage.drafting.replay.stack.reprs import Opaque, classify, read_repr
from triage.drafting.replay.stack.safe import may_reach
from triage.drafting.replay.stack.scene import Kind, StackFrame
from triage.drafting.replay.world import held_state, streams

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

CONTENT_NAMES = (
    "content",
    "source",
    "data",
    "text",
    "body",
    "payload",
    "raw",
    "buffer",
    "html",
    "markup",
    "string",
    "line",
    "s",
)


def build(builder: "Builder", frame: StackFrame, name: str, mark: Opaque, key: str) -> ast.expr:
    """An expression for an opaque repr. Raises Dead when there is no honest way."""
    maker = _MAKERS.get(mark.what)
    if maker is None:
        raise Dead(f"{name} was captured only as {mark.text[:60]}")
    return maker(builder, frame, name, mark, key)


def _class(builder: "Builder", frame: StackFrame, name: str, mark: Opaque, key: str) -> ast.expr:
    if "<locals>" in mark.name:
        raise Dead(f"{mark.name} lives inside a function")
    if mark.name.startswith("__main__."):
        return _of_another_program(builder, mark.name.partition(".")[2])
    path = objects.class_path(builder, frame, mark.name)
    _permit(builder, path)
    return builder.name(builder.names.public(path))


def _of_another_program(builder: "Builder", name: str) -> ast.expr:
    """A class of the calling program, when its frames show it whole: it is copied into the test."""
    for frame in reversed(builder.scene.frames):
        if frame.kind is Kind.SERVICE and isinstance(flow.definition(frame.source, name), ast.ClassDef):
            return builder.bind(frame, name)
    known = ("made up", name)
    if known not in builder.bound:
        builder.bound[known] = made_up.a_class(builder, name)
    return builder.bound[known]


def _enum(builder: "Builder", frame: StackFrame, name: str, mark: Opaque, key: str) -> ast.expr:
    path = objects.class_path(builder, frame, mark.name)
    _permit(builder, path)
    if builder.names.describe(path).get("style") != "enum":
        raise Dead(f"{mark.name} is no enum")
    return ast.Attribute(builder.name(builder.names.public(path)), mark.detail)


def _function(builder: "Builder", frame: StackFrame, name: str, mark: Opaque, key: str) -> ast.expr:
    if "<locals>" in mark.name or "<lambda>" in mark.name:
        raise Dead(f"{mark.name} lives inside a function")
    first, *rest = mark.name.split(".")
    paths = [f"{frame.module}:{mark.name}"] if builder.names.exists(f"{frame.module}:{mark.name}") else []
    paths += [".".join([path, *rest]) for path in builder.names.find(first, rest)]
    if not paths:
        paths += [".".join([path, *rest]) for path in builder.names.find(first, rest, deep=True)]
    allowed = [path for path in dict.fromkeys(paths) if may_reach(*path.partition(":")[::2], builder.scene.packages)]
    return builder.name(
        builder.choices.pick(f"{key}:function", [(0.5 * at, path) for at, path in enumerate(allowed[:3])])
    )


def _method(builder: "Builder", frame: StackFrame, name: str, mark: Opaque, key: str) -> ast.expr:
    owner = read_repr(mark.detail)
    inner = classify(mark.detail)
    if inner.what == "other" and owner is None:
        raise Dead(f"{mark.name} belongs to an object that was not captured")
    from triage.drafting.replay.building import values

    receiver = values.from_text(builder, frame, f"{name}_owner", mark.detail, f"{key}.owner")
    return ast.Attribute(builder.assign(f"{name}_owner", receiver), mark.name.rpartition(".")[2])


def _module(builder: "Builder", frame: StackFrame, name: str, mark: Opaque, key: str) -> ast.expr:
    if not may_reach(mark.name, "", builder.scene.packages):
        raise Dead(f"{mark.name} is not imported for text from outside")
    return builder.import_module(mark.name)


def _iterator(builder: "Builder", frame: StackFrame, name: str, mark: Opaque, key: str) -> ast.expr:
    """An iterator over nothing, or over a list that some frame holds."""
    options: list[tuple[float, ast.expr]] = [(0.5, ast.List([]))]
    for node in ast.walk(frame.view.node) if frame.view.node is not None else ():
        if not isinstance(node, ast.For | ast.AsyncFor | ast.comprehension) or not isinstance(node.target, ast.Name):
            continue
        if isinstance(node.iter, ast.Name) and node.iter.id == name and node.target.id in frame.variables:
            element = builder.captured(frame, node.target.id, f"{frame.index}.{node.target.id}")
            options.append((0.2, ast.List([element])))
    for other in (frame, *reversed(builder.outer(frame))):
        for label, wire in other.variables.items():
            if isinstance(wire, list) and wire and label != name and len(options) < 5:
                from triage.drafting.replay.building import values

                if values.trust(wire) < 1:
                    items = values.build(builder, other, label, wire, f"{key}.{label}")
                    options.append((0.5 + 0.4 * len(options) if other is frame else 1.0 + 0.4 * len(options), items))
    return ast.Call(ast.Name("iter"), [builder.choices.pick(f"{key}:items", options)], [])


def _stream(builder: "Builder", frame: StackFrame, name: str, mark: Opaque, key: str) -> ast.expr:
    for label in ("stdout", "stderr", "stdin"):
        if f"<{label}>" in mark.detail:
            return builder.name(f"sys:{label}")
    binary = mark.name != "StringIO" and mark.name != "TextIOWrapper"
    content = builder.choices.pick(f"{key}:content", content_options(builder, frame, bytes if binary else str))
    return ast.Call(builder.name(f"io:{'BytesIO' if binary else 'StringIO'}"), [content] if content else [], [])


def content_options(builder: "Builder", frame: StackFrame, kind: type) -> list[tuple[float, ast.expr | None]]:
    """Captured texts that a stream or file may have held, nearest frames and telling names first."""
    options: list[tuple[float, ast.expr | None]] = [(1.0, None)]
    seen: set[str] = set()
    ordered = sorted(builder.scene.frames, key=lambda item: abs(item.index - frame.index))
    for distance, other in enumerate(ordered):
        for label, wire in other.variables.items():
            if not isinstance(wire, str) or wire in seen or len(options) > 8:
                continue
            read = read_repr(wire)
            if read is None or not isinstance(read.tree, ast.Constant) or not isinstance(read.tree.value, str | bytes):
                continue
            value = read.tree.value
            if not value or (label not in CONTENT_NAMES and len(value) < 20):
                continue
            seen.add(wire)
            if isinstance(value, str) and kind is bytes:
                node: ast.expr = ast.Call(ast.Attribute(ast.Constant(value), "encode"), [], [])
            elif isinstance(value, bytes) and kind is str:
                continue
            else:
                node = ast.Constant(value)
            cost = 0.2 if label in CONTENT_NAMES else 0.7
            options.append((cost + 0.1 * distance, node))
    return options


def _instance(builder: "Builder", frame: StackFrame, name: str, mark: Opaque, key: str) -> ast.expr:
    if mark.name.startswith("__main__."):
        made = ast.Call(_of_another_program(builder, mark.name.partition(".")[2]), [], [])
        return builder.assign(name, made, keep=True)
    if mark.name in streams.KINDS:
        return streams.build(builder, frame, name, mark.name)
    path = objects.class_path(builder, frame, mark.name)
    _permit(builder, path)
    found = builder.names.describe(path)
    if rows.is_mapped(found):
        return rows.construct(builder, frame, path, found, key, mark.text)
    instance = objects.construct(builder, frame, path, key)
    held_state.collect(builder, instance, mark.text)
    emptied.as_it_was(builder, frame, name, instance)
    return instance


def _match(builder: "Builder", frame: StackFrame, name: str, mark: Opaque, key: str) -> ast.expr:
    """A match object: the module's own pattern that finds the same text in a captured string."""
    read = read_repr(mark.detail) or read_repr(mark.detail.rstrip(".") + mark.detail[:1])
    found = read.tree.value if read is not None and isinstance(read.tree, ast.Constant) else None
    if not isinstance(found, str | bytes) or not found:
        raise Dead(f"{name} is a match of nothing that was captured")
    texts: list[str | bytes] = []
    for other in (frame, *reversed(builder.outer(frame))):
        for wire in other.variables.values():
            inner = read_repr(wire) if isinstance(wire, str) else None
            value = inner.tree.value if inner is not None and isinstance(inner.tree, ast.Constant) else None
            if (
                isinstance(value, str | bytes)
                and str(found) in str(value)
                and type(value) is type(found)
                and value not in texts
            ):
                texts.append(value)
    options: list[tuple[float, tuple[str, str | bytes]]] = []
    for text in sorted({found, *texts}, key=len)[:4]:
        for path in builder.names.patterns(frame.module, text, found)[:3]:
            options.append((0.5 + 0.3 * len(options), (path, text)))
    path, text = builder.choices.pick(f"{key}:pattern", options)
    return ast.Call(builder.name("re:search"), [builder.name(path), ast.Constant(text)], [])


def _permit(builder: "Builder", path: str) -> None:
    module, _, chain = path.partition(":")
    if module != "builtins" and not may_reach(module, chain, builder.scene.packages):
        raise Dead(f"{path} is not used for text of an event")


_MAKERS = {
    "class": _class,
    "enum": _enum,
    "function": _function,
    "method": _method,
    "module": _module,
    "generator": _iterator,
    "iterator": _iterator,
    "stream": _stream,
    "instance": _instance,
    "match": _match,
}
