"""Turns captured values into expressions: literals, containers, safe constructors, known objects."""

import ast
import math
from typing import TYPE_CHECKING

from triage.domain.event import Json
from triage.drafting.replay.building import named, objects, opaque
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.captured import values as captured_values
from triage.drafting.replay.captured.frames import Typed
from triage.drafting.replay.stack.reprs import Read, dotted, read_repr
from triage.drafting.replay.stack.safe import KNOWN, may_reach
from triage.drafting.replay.stack.scene import StackFrame
from triage.drafting.replay.world import files, peers

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

FILTERED = ("[Filtered]", "[Filtered]'", "********", "[REDACTED]")
MAX_ITEMS = 2000
RENAMED = {
    "PosixPath": "pathlib:Path",
    "WindowsPath": "pathlib:PureWindowsPath",
    "mappingproxy": "types:MappingProxyType",
}
PLAIN_CALLS = {
    "set", "frozenset", "bytearray", "range", "slice", "complex", "memoryview", "dict", "list", "tuple", "object",
}  # fmt: skip
LOWER_CALLS = {
    "defaultdict": "collections:defaultdict", "deque": "collections:deque", "array": "array:array",
    "re.compile": "re:compile", "functools.partial": "functools:partial", "operator.itemgetter": "operator:itemgetter",
    "operator.attrgetter": "operator:attrgetter", "count": "itertools:count", "namespace": "types:SimpleNamespace",
    "tzutc": "dateutil.tz:tzutc", "tzlocal": "dateutil.tz:tzlocal",
    "dict_keys": "", "dict_values": "", "dict_items": "", "odict_keys": "",
}  # fmt: skip


def trust(wire: Json) -> float:
    """How doubtful a captured value is: 0 is surely a literal, 50 and more cannot be used."""
    if isinstance(wire, Typed):
        return wire.doubt
    if isinstance(wire, str):
        if wire in FILTERED:
            return 5.0
        read = read_repr(wire) or _mended(wire)
        if read is None:
            return 60.0
        if read.is_literal:
            return 0.0
        if read.opaques:
            return (
                2.5
                if any(item.what in ("instance", "other", "iterator", "generator", "match") for item in read.opaques)
                else 1.2
            )
        return 0.4
    if isinstance(wire, list | tuple):
        return max([0.2, *(trust(item) for item in wire[:20])])
    if isinstance(wire, dict):
        return max([0.2, *(trust(item) for item in list(wire.values())[:20])])
    return 0.0


def build(builder: "Builder", frame: StackFrame, name: str, wire: Json, key: str) -> ast.expr:
    """An expression for one captured value. Raises Dead when it cannot be made."""
    if isinstance(wire, Typed):
        return captured_values.build(builder, frame, name, wire, key)
    if isinstance(wire, list | tuple):
        return _sequence(builder, frame, name, list(wire), key)
    if isinstance(wire, dict):
        return _mapping(builder, frame, name, wire, key)
    if isinstance(wire, str):
        return from_text(builder, frame, name, wire, key)
    if isinstance(wire, float) and not math.isfinite(wire):
        return _special(repr(wire))
    assert wire is None or isinstance(wire, bool | int | float)
    return ast.Constant(wire)


def _sequence(builder: "Builder", frame: StackFrame, name: str, items: list[Json], key: str) -> ast.expr:
    elements = [
        _inner(builder, frame, f"{name}_item", item, f"{key}[{at}]") for at, item in enumerate(items[:MAX_ITEMS])
    ]
    hint = shape_hint(frame, name)
    inner = bool(elements) and all(isinstance(item, ast.List) for item in elements)
    options: list[tuple[float, str]] = [
        (0.0 if hint in ("", "list") else 0.4, "list"),
        (0.0 if hint == "tuple" else 1.0, "tuple"),
    ]
    hashable = all(not isinstance(item, ast.List | ast.Dict) for item in elements)
    if hashable:
        options.append((0.0 if hint in ("set", "frozenset") else 1.6, "set"))
        if hint == "frozenset":
            options.append((0.1, "frozenset"))
    if inner:
        options += [(0.8, "list of tuples"), (1.4, "tuple of tuples")]
    tuples = named.classes(builder, frame, name, len(elements))
    if tuples:
        options = [(cost + 2.0, shape) for cost, shape in options]
        options += [(0.3 * at, path) for at, path in enumerate(tuples)]
    shape = builder.choices.pick(f"{key}:shape", options)
    if shape in tuples:
        return ast.Call(builder.name(builder.names.public(shape)), elements, [])
    if "of tuples" in shape:
        elements = [ast.Tuple(item.elts) if isinstance(item, ast.List) else item for item in elements]
        shape = shape.split()[0]
    if shape == "tuple":
        return ast.Tuple(elements)
    if shape in ("set", "frozenset"):
        made: ast.expr = ast.Set(elements) if elements else ast.Call(ast.Name("set"), [], [])
        return ast.Call(ast.Name("frozenset"), [ast.List(elements)], []) if shape == "frozenset" else made
    return ast.List(elements)


def _inner(builder: "Builder", frame: StackFrame, name: str, wire: Json, key: str) -> ast.expr:
    """An element: nested lists stay lists, so that only the outermost shape is a question."""
    if isinstance(wire, list | tuple):
        return ast.List(
            [_inner(builder, frame, name, item, f"{key}[{at}]") for at, item in enumerate(wire[:MAX_ITEMS])]
        )
    return build(builder, frame, name, wire, key)


def shape_hint(frame: StackFrame, name: str) -> str:
    """The container that annotation or default give to a parameter: list, tuple, set, dict or ""."""
    node = frame.view.node
    if node is None:
        return ""
    arguments = node.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        if argument.arg == name and argument.annotation is not None:
            text = ast.unparse(argument.annotation).strip("'\"").lower().rpartition("typing.")[2]
            for shape in ("frozenset", "tuple", "list", "dict", "set"):
                if text.startswith((shape, f"optional[{shape}", f"abc.{shape}")):
                    return shape
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [*zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=False)]
    pairs += [
        (item, default) for item, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default
    ]
    for argument, default in pairs:
        if argument.arg == name:
            kinds = {ast.Tuple: "tuple", ast.List: "list", ast.Set: "set", ast.Dict: "dict"}
            return next((shape for kind, shape in kinds.items() if isinstance(default, kind)), "")
    if arguments.vararg and arguments.vararg.arg == name:
        return "tuple"
    return ""


def _mapping(builder: "Builder", frame: StackFrame, name: str, wire: dict[str, Json], key: str) -> ast.expr:
    entries = list(wire.items())[:MAX_ITEMS]
    options: list[tuple[float, str]] = [(0.0, "str")]
    revived = [_key_literal(item) for item, _ in entries]
    if entries and all(item is not None for item in revived):
        options.append((0.5, "literal"))
    style = builder.choices.pick(f"{key}:keys", options) if len(options) > 1 else "str"
    keys: list[ast.expr | None] = [
        revived[at] if style == "literal" else ast.Constant(item) for at, (item, _) in enumerate(entries)
    ]
    return ast.Dict(
        keys, [build(builder, frame, f"{name}_{item}"[:40], value, f"{key}.{item}"[:120]) for item, value in entries]
    )


def _key_literal(text: str) -> ast.expr | None:
    read = read_repr(text)
    if read is None or not read.is_literal or isinstance(read.tree, ast.List | ast.Dict | ast.Set):
        return None
    return read.tree


def from_text(builder: "Builder", frame: StackFrame, name: str, text: str, key: str) -> ast.expr:
    """An expression for a repr."""
    if text in FILTERED:
        builder.notes.append(f"{name} was filtered out of the event; a stand-in takes its place")
        return ast.Constant("filtered")
    read = read_repr(text)
    if read is None:
        read = _mended(text)
        if read is None:
            raise Dead(f"{name} was captured only as text that is no Python: {text[:60]}")
        builder.notes.append(f"{name} was cut by the SDK")
    if isinstance(read.tree, ast.Constant) and isinstance(read.tree.value, str) and files.is_path(read.tree.value):
        return files.options(builder, frame, read.tree.value, key)
    if isinstance(read.tree, ast.Constant) and isinstance(read.tree.value, str) and peers.is_address(read.tree.value):
        return peers.options(builder, frame, read.tree.value, key)
    if isinstance(read.tree, ast.Constant) and peers.is_port(frame, name, text):
        return peers.port(builder, frame, text)
    made: ast.expr = _Reviver(builder, frame, name, read, key).visit(read.tree)
    return made


def _mended(text: str) -> Read | None:
    """A repr of a string that was cut (`'abc...`), closed again."""
    if text.endswith("...") and len(text) > 4 and (text[0] in "'\"" or text[:2] in ("b'", 'b"')):
        quote = text[1] if text[0] == "b" else text[0]
        read = read_repr(text[:-3].rstrip("\\") + quote)
        return read if read is not None and read.is_literal else None
    return None


def _special(text: str) -> ast.expr:
    return ast.Call(ast.Name("float"), [ast.Constant(text)], [])


class _Reviver(ast.NodeTransformer):
    """Replaces names and calls of a repr by ones that the test may use."""

    def __init__(self, builder: "Builder", frame: StackFrame, name: str, read: Read, key: str) -> None:
        self.builder, self.frame, self.name, self.read, self.key = builder, frame, name, read, key

    def visit_Name(self, node: ast.Name) -> ast.expr:
        mark = self.read.opaque(node)
        if mark is not None:
            return opaque.build(self.builder, self.frame, self.name, mark, f"{self.key}<{node.id}>")
        if node.id in ("nan", "inf"):
            return _special(node.id)
        return self.builder.name(self.builder.names.public(self._resolve(node.id)))

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if isinstance(node.value, str) and files.is_path(node.value):
            return files.options(self.builder, self.frame, node.value, self.key)
        if isinstance(node.value, str) and peers.is_address(node.value):
            return peers.options(self.builder, self.frame, node.value, self.key)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return self.builder.name(self.builder.names.public(self._resolve(dotted(node))))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = dotted(node.func)
        arguments = [self.visit(item) for item in node.args]
        keywords = [ast.keyword(item.arg, self.visit(item.value)) for item in node.keywords]
        if name in PLAIN_CALLS:
            return ast.Call(ast.Name(name), arguments, keywords)
        if name in LOWER_CALLS and not (name == "array" and not (arguments and isinstance(arguments[0], ast.Constant))):
            path = LOWER_CALLS[name]
            return ast.Call(self.builder.name(path), arguments, keywords) if path else arguments[0]
        path = self._resolve(name)
        found = self.builder.names.describe(path)
        if found.get("kind") != "class":
            raise Dead(f"{name} in the repr of {self.name} is no class")
        keywords = objects.fitting_keywords(found, keywords, len(arguments))
        keywords = objects.completed(self.builder, self.frame, found, len(arguments), keywords, f"{self.key}({name})")
        return ast.Call(self.builder.name(self.builder.names.public(path)), arguments, keywords)

    def _resolve(self, name: str) -> str:
        if name in RENAMED:
            return RENAMED[name]
        path = objects.class_path(self.builder, self.frame, name)
        module, _, chain = path.partition(":")
        if not may_reach(module, chain, self.builder.scene.packages):
            raise Dead(f"{name} is not made from text of an event")
        foreign = module.split(".")[0] not in self.builder.scene.packages and name.rpartition(".")[2] not in KNOWN
        if foreign and self.builder.names.describe(path).get("kind") not in ("class", "value"):
            raise Dead(f"{name} is not made from text of an event")
        return path
