"""Builds objects that were captured only by name: constructors, mined examples, module instances."""

import ast
import builtins
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from triage.drafting.replay.building import parts, rows
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.captured.frames import Typed
from triage.drafting.replay.stack import flow
from triage.drafting.replay.stack.safe import KNOWN, may_reach
from triage.drafting.replay.stack.scene import Kind, StackFrame
from triage.drafting.replay.stack.views import FunctionNode

if TYPE_CHECKING:
    from collections.abc import Callable

    from triage.drafting.replay.building.builder import Builder

EMPTY = {
    "str": '""', "int": "0", "float": "0.0", "bool": "False", "bytes": 'b""', "list": "[]", "dict": "{}",
    "tuple": "()", "set": "set()",
    "sequence": "[]", "iterable": "[]", "mapping": "{}", "none": "None", "any": "None", "path": "", "callable": "",
}  # fmt: skip


STREAMS = (
    "BinaryIO",
    "TextIO",
    "IO",
    "BytesIO",
    "StringIO",
    "RawIOBase",
    "BufferedIOBase",
    "BufferedReader",
    "TextIOBase",
)


def class_path(builder: "Builder", frame: StackFrame, name: str) -> str:
    """`module:Class` for a class named in a repr: by full path, from the frame's module, or found."""
    if "<" in name:
        raise Dead(f"{name} lives inside a function")
    if "." in name:
        parts = name.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            path = f"{'.'.join(parts[:cut])}:{'.'.join(parts[cut:])}"
            if builder.names.exists(path):
                return path
    if hasattr(builtins, name):
        return f"builtins:{name}"
    first, *rest = name.split(".")
    tried = [f"{item.module}:{name}" for item in (frame, *reversed(builder.scene.frames)) if item.kind is Kind.REPO]
    for path in dict.fromkeys(tried):
        if builder.names.exists(path):
            return path
    if first in KNOWN:
        return f"{KNOWN[first]}:{name}"
    for deep in (False, True):
        for path in builder.names.find(first, rest, deep):
            return ".".join([path, *rest])
    for path in builder.mined.definitions(first, builder.scene.import_roots):
        if builder.names.exists(path):
            return ".".join([path, *rest])
    for path in builder.names.elsewhere(first):
        return ".".join([path, *rest])
    raise Dead(f"no class {name} is found")


def fitting_keywords(found: Mapping[str, Any], keywords: list[ast.keyword], given: int) -> list[ast.keyword]:
    """Keywords of a repr that the constructor takes; a leading underscore is tried away (attrs)."""
    parameters = found.get("parameters")
    if not isinstance(parameters, list):
        return keywords
    names = [str(item.get("name")) for item in parameters]
    if any(item.get("kind") == "VAR_KEYWORD" for item in parameters):
        return keywords
    kept = []
    for item in keywords:
        name = item.arg or ""
        if name in names:
            kept.append(item)
        elif name.lstrip("_") in names:
            kept.append(ast.keyword(name.lstrip("_"), item.value))
    return kept


def completed(
    builder: "Builder", frame: StackFrame, found: Mapping[str, Any], given: int, keywords: list[ast.keyword], key: str
) -> list[ast.keyword]:
    """The keywords of a repr, with stand-ins for what the constructor asks for and the repr does not show."""
    parameters = found.get("parameters")
    done = list(keywords)
    names = {item.arg for item in keywords}
    kinds = ("POSITIONAL_OR_KEYWORD", "KEYWORD_ONLY")
    for at, item in enumerate(parameters if isinstance(parameters, list) else ()):
        name, kind = str(item.get("name")), item.get("kind")
        shown = name in names or (at < given and kind != "KEYWORD_ONLY")
        if shown or item.get("default") is not None or kind not in kinds:
            continue
        annotation = str(item.get("annotation") or "")
        done.append(ast.keyword(name, stand_in_for(builder, frame, name, annotation, f"{key}.{name}")))
        builder.notes.append(f"{name} is not shown by the repr of its object; a stand-in takes its place")
    return done


def receiver(builder: "Builder", frame: StackFrame) -> ast.expr:
    """The object that a method of the repo was called on."""
    wire = frame.variables.get(_self_name(frame))
    path = runtime_class(builder, frame, wire)
    options: list[tuple[float, Callable[[], ast.expr]]] = []
    if builder.outer(frame):
        options.append((0.5, lambda: flow.from_caller(builder, frame, _self_name(frame))))
    options.append((0.8, lambda: construct(builder, frame, path, f"{frame.index}.self")))
    if not isinstance(wire, str) or wire.startswith("<broken repr"):  # which of its classes it was, nothing says
        for at, heir in enumerate(builder.names.heirs(path, frame.name)[:3]):
            options.append((1.4 + 0.3 * at, partial(construct, builder, frame, heir, f"{frame.index}.self.{heir}")))
    return builder.choices.pick(f"{frame.index}.receiver", options)()


def container_of(builder: "Builder", frame: StackFrame, name: str) -> str | None:
    """The class of a mapping or sequence of the repo that the SDK flattened to a plain dict or list: that of `self`
    in its own method, of the other operand where both look alike."""
    wire = frame.variables.get(name)
    if frame.kind is not Kind.REPO or not frame.class_name or frame.view.nested or isinstance(wire, Typed):
        return None
    first = frame.view.parameters[:1]
    if not isinstance(wire, dict | list) or not first or first[0] not in ("self", "cls"):
        return None
    special = frame.name.startswith("__") and name in frame.view.parameters[:2] and len(frame.view.parameters) == 2
    if name != first[0] and not (special and type(wire) is type(frame.variables.get(first[0]))):
        return None
    path = f"{frame.module}:{frame.class_name}"
    found = builder.names.describe(path)
    return path if found.get("kind") == "class" and not found.get("abstract") else None


def of_container(builder: "Builder", frame: StackFrame, name: str, path: str, key: str) -> ast.expr:
    """The mapping or sequence made from its items."""
    from triage.drafting.replay.building import values

    items = values.build(builder, frame, name, frame.variables[name], key)
    made = ast.Call(builder.name(builder.names.public(path)), [items], [])
    return builder.assign(snake(path.rpartition(":")[2]), made, keep=True)


def _self_name(frame: StackFrame) -> str:
    return frame.view.parameters[0] if frame.view.parameters else "self"


def runtime_class(builder: "Builder", frame: StackFrame, wire: object) -> str:
    """The class of `self`: as its repr says, else the one that holds the method."""
    own = f"{frame.module}:{frame.class_name}"
    if isinstance(wire, str):
        match = re.match(r"<?([A-Za-z_][\w.]*)(?:\(| object at|[ >(:])", wire)
        if match and not match[1].startswith("__main__") and match[1] not in ("broken", "bound", "function", "class"):
            try:
                path = class_path(builder, frame, match[1])
            except Dead:
                return own
            mro = builder.names.describe(path).get("mro") or []
            if any(str(item).endswith("." + frame.class_name) for item in mro):
                return path
    return own


def construct(builder: "Builder", frame: StackFrame, path: str, key: str) -> ast.expr:
    """An instance of the class at `path`, by one of the ways that are known."""
    found = builder.names.describe(path)
    if found.get("kind") != "class":
        raise Dead(f"{path} is no class")
    if rows.is_mapped(found):
        return rows.construct(builder, frame, path, found, key)
    name = path.rpartition(":")[2].rpartition(".")[2]
    options: list[tuple[float, Callable[[], ast.expr]]] = []
    if not found.get("abstract"):
        options.append((_difficulty(builder, frame, found), lambda: by_constructor(builder, frame, path, found, key)))
    for at, site in enumerate(builder.mined.calls(name)[:5]):
        options.append((1.0 + 0.4 * at, partial(builder.expression, *site)))
    for at, instance in enumerate(builder.names.instances(path)[:2]):
        options.append((0.9 + at, partial(builder.name, instance)))
    for at, (factory, method) in enumerate(builder.mined.factories(path)[:3]):
        options.append((1.5 + at, partial(by_factory, builder, frame, factory, method, key)))
    made = builder.choices.pick(f"{key}:made", options)()
    return builder.assign(snake(name), made, keep=not isinstance(made, ast.Name | ast.Attribute))


def _difficulty(builder: "Builder", frame: StackFrame, found: Mapping[str, Any]) -> float:
    """The more required parameters have no captured value, the later the plain constructor is tried."""
    missing = 0.0
    for item in found.get("parameters") or ():
        required = item.get("default") is None and item.get("kind") in (
            "POSITIONAL_ONLY",
            "POSITIONAL_OR_KEYWORD",
            "KEYWORD_ONLY",
        )
        if required and not _holders(builder, frame, str(item.get("name"))):
            missing += 0.2 if is_callable(str(item.get("annotation") or "")) else 1.0
    return 0.5 + 0.7 * missing


def is_callable(annotation: str) -> bool:
    """Whether an annotation asks for something that is called: any callable will do where nobody captured it."""
    return (
        re.match(
            r"['\"]?((typing|t|collections\.abc)\.)?((Optional|Union)\[)?((typing|t|abc)\.)?Callable\b", annotation
        )
        is not None
    )


def _holders(builder: "Builder", frame: StackFrame, name: str) -> list[StackFrame]:
    from triage.drafting.replay.building import values

    frames = [
        frame,
        *reversed(builder.outer(frame)),
        *(item for item in builder.scene.frames if item.index > frame.index),
    ]
    return [item for item in frames if name in item.variables and values.trust(item.variables[name]) < 3]


def by_constructor(builder: "Builder", frame: StackFrame, path: str, found: Mapping[str, Any], key: str) -> ast.expr:
    """`Class(...)` with parameters filled from same-named captured values, defaults left out."""
    parameters = found.get("parameters")
    arguments: list[ast.expr] = []
    keywords: list[ast.keyword] = []
    for item in parameters if isinstance(parameters, list) else ():
        name, kind, default = str(item.get("name")), str(item.get("kind")), item.get("default")
        if kind in ("VAR_POSITIONAL", "VAR_KEYWORD"):
            continue
        own = path.rpartition(":")[2].rpartition(".")[2]
        part, annotation = parts.frame_of(builder, own, name), str(item.get("annotation") or "")
        examples = parts.as_tests_give(builder, own, name, len(arguments))
        value = _argument(builder, frame, name, default, annotation, f"{key}.{name}", part, examples)
        if value is None:
            continue
        if kind == "KEYWORD_ONLY" or default is not None or keywords:
            keywords.append(ast.keyword(name, value))
        else:
            arguments.append(value)
    return ast.Call(builder.name(builder.names.public(path)), arguments, keywords)


def _argument(
    builder: "Builder",
    frame: StackFrame,
    name: str,
    default: object,
    annotation: str,
    key: str,
    part: StackFrame | None = None,
    examples: "Sequence[tuple[StackFrame, ast.expr]]" = (),
) -> ast.expr | None:
    if name in builder.substitutes:
        return builder.substitutes[name]
    options: list[tuple[float, Callable[[], ast.expr | None]]] = []
    if default is not None:
        options.append((0.0, lambda: None))
        if (nothing := parts.keeps_nothing(builder, name, default)) is not None:
            options.append((0.8, lambda: nothing))
    if part is not None:
        cost = 0.7 if default is not None else 0.4
        options.append((cost, partial(parts.made, builder, part, name)))
    for at, holder in enumerate(_holders(builder, frame, name)[:2]):
        cost = (0.6 if default is not None else 0.1) + 0.5 * at
        options.append((cost, partial(builder.captured, holder, name, f"{holder.index}.{name}")))
    if default is None:
        options += [(1.5 + 0.3 * at, partial(builder.expression, *site)) for at, site in enumerate(examples[:2])]
        options.append((2.0, lambda: stand_in_for(builder, frame, name, annotation, key)))
    return builder.choices.pick(key, options)()


def by_factory(builder: "Builder", frame: StackFrame, factory: str, node: FunctionNode, key: str) -> ast.expr:
    """A call of a function or class method of the repo that returns the class."""
    arguments: list[ast.expr] = []
    for item in required_parameters(node):
        annotation = ast.unparse(item.annotation) if item.annotation else ""
        value = _argument(builder, frame, item.arg, None, annotation, f"{key}.{factory}.{item.arg}")
        if value is not None:
            arguments.append(value)
    return ast.Call(builder.name(factory), arguments, [])


def required_parameters(node: FunctionNode) -> list[ast.arg]:
    """Positional parameters without a default, but for the receiver."""
    plain = [*node.args.posonlyargs, *node.args.args]
    return [item for item in plain[: len(plain) - len(node.args.defaults)] if item.arg not in ("self", "cls")]


def _literal(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def stand_in(builder: "Builder", frame: StackFrame, name: str, key: str) -> ast.expr:
    """Something for a parameter of `frame`'s function that was not captured."""
    node = frame.view.node
    annotation = ""
    if node is not None:
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            if argument.arg == name and argument.annotation is not None:
                annotation = ast.unparse(argument.annotation)
        if node.args.vararg and node.args.vararg.arg == name:
            return ast.Tuple([])
        if node.args.kwarg and node.args.kwarg.arg == name:
            return ast.Dict([], [])
    return stand_in_for(builder, frame, name, annotation, key)


def stand_in_for(builder: "Builder", frame: StackFrame, name: str, annotation: str, key: str) -> ast.expr:
    """An empty value of the annotated type, an object of an annotated class, else plain guesses."""
    plain = annotation.strip("'\"").replace("typing.", "").replace(" ", "")
    parts = [part for part in re.split(r"[|\[\],]", plain.replace("Optional[", "").replace("Union[", "")) if part]
    options: list[tuple[float, Callable[[], ast.expr]]] = []
    if is_callable(plain):
        parts = []
        kind = "AsyncMock" if re.search(r"\b(Awaitable|Coroutine)\b", plain) else "MagicMock"
        options.append((0.0, lambda: ast.Call(builder.name(f"unittest.mock:{kind}"), [], [])))
    for at, part in enumerate(parts[:3]):
        text = EMPTY.get(part.rpartition(".")[2].lower())
        if text:
            options.append((0.2 * at, partial(_literal, text)))
        elif part.rpartition(".")[2] in ("Path", "PathLike"):
            options.append((0.2 * at, lambda: builder.fixture("tmp_path")))
        elif part.rpartition(".")[2] in STREAMS:
            options.append((0.2 * at, partial(_stream, builder, part.rpartition(".")[2], parts)))
        elif part[:1].isupper() and part.isidentifier():
            options.append((0.3 * at, partial(_annotated, builder, frame, part, key)))
            options.append((3.2 + 0.3 * at, partial(_mocked, builder, part, key)))
    if re.search(rf"\bself\._?{re.escape(name)}\(", frame.text):  # what the object calls, answers
        options.append((0.1, lambda: ast.Call(builder.name("unittest.mock:MagicMock"), [], [])))
    if re.search(r"(^|_)(path|dir|folder|directory|filename|file)(_|$)", name_of(key)):
        place = ast.Call(ast.Name("str"), [ast.BinOp(builder.fixture("tmp_path"), ast.Div(), ast.Constant("data"))], [])
        options.append((0.5, lambda: place))
    if re.search(r"(^|_)(path|dir|folder|directory|root|base|home|workdir|location)(_|$)", name_of(key)):
        options.append((0.45, lambda: ast.Call(ast.Name("str"), [builder.fixture("tmp_path")], [])))
    for at, text in enumerate(("None", '""', "[]", "{}", "0")):
        options.append((1.5 + 0.4 * at, partial(_literal, text)))
    return builder.choices.pick(f"{key}:guess", options)()


def _stream(builder: "Builder", kind: str, parts: list[str]) -> ast.expr:
    """An empty stream of the annotated kind."""
    text = kind in ("TextIO", "StringIO", "TextIOBase") or (kind == "IO" and "str" in parts)
    return ast.Call(builder.name(f"io:{'StringIO' if text else 'BytesIO'}"), [], [])


def name_of(key: str) -> str:
    """The variable that a choice's key is about."""
    return key.rpartition(".")[2]


def _annotated(builder: "Builder", frame: StackFrame, name: str, key: str) -> ast.expr:
    path = class_path(builder, frame, name)
    if not may_reach(*path.partition(":")[::2], builder.scene.packages):
        raise Dead(f"{path} is not made for text of an event")
    if builder.depth > 12:
        raise Dead("too many objects inside objects")
    builder.depth += 1
    try:
        return construct(builder, frame, path, f"{key}.{name}")
    finally:
        builder.depth -= 1


def _mocked(builder: "Builder", name: str, key: str) -> ast.expr:
    """A mock for an object of a class that nobody captured: it has whatever is asked of it."""
    builder.notes.append(f"a mock stands in for the {name} that {name_of(key)} was")
    return ast.Call(builder.name("unittest.mock:MagicMock"), [], [])


def snake(name: str) -> str:
    """`CamelCase` as `camel_case`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower().lstrip("_") or "subject"
