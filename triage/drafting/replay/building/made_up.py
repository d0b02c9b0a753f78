"""Functions and classes of the calling program that no line shows: stand-ins of the kind that the frames tell."""

import ast
import contextlib
import copy
import itertools
import keyword
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from triage.domain.event import Json
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.stack.scene import Kind

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder
    from triage.drafting.replay.stack.scene import Scene, StackFrame


class Field(ast.AnnAssign):
    """`name: type = default` in the body of a class."""

    target: ast.Name


_RECORD = re.compile(r"\b(Attribute|Field)\(name='(\w+)'")
_TYPE = re.compile(r"\btype=(?:<class '(\w+)'>|'(\w+)')")
_PLAIN = ("str", "int", "float", "bool", "bytes", "list", "dict", "tuple", "set", "complex")
_MAKERS = {"Attribute": ("attrs:define", "attr:define"), "Field": ("dataclasses:dataclass",)}
MOST_TEXT = 20_000


def function(builder: "Builder", name: str) -> ast.expr:
    """A function that takes anything and does nothing: a callback that only has to be there."""
    local = builder.fresh(name)
    word = builder.choices.pick(f"the kind of {name}", [(0.0, "def"), (0.6, "async def")])
    builder.add(ast.parse(f"{word} {local}(*arguments, **keywords):\n    pass").body[0])
    builder.notes.append(f"{name} cannot be seen; a function that does nothing stands in for it")
    return ast.Name(local)


def is_known(builder: "Builder", name: str) -> bool:
    """Whether the frames tell anything of a class that cannot be seen: what it extends, or its fields."""
    return bool(_base(builder, name) or _fields(builder) or half_seen(builder.scene))


def a_class(builder: "Builder", name: str) -> ast.expr:
    """A class of that name: with the fields that the frames hold records of, or on the base whose methods ran.

    Raises Dead when the frames tell neither.
    """
    base, fields = _base(builder, name), _fields(builder)
    half = half_seen(builder.scene) if not base else []
    node: ast.stmt
    if half and (not fields or any(line.split(":")[0] in {item.target.id for item in half} for line in fields[1])):
        node = _record(builder, name, half)
    elif base:
        node = ast.parse(f"class {builder.fresh(name)}:\n    pass").body[0]
        assert isinstance(node, ast.ClassDef)
        node.bases = [builder.name(builder.names.public(base))]
        node.body = declared(builder, name) or node.body
    elif fields:
        kind, lines = fields
        maker = next((path for path in _MAKERS[kind] if builder.names.exists(path)), "")
        if not maker:
            raise Dead(f"nothing makes {name}")
        node = ast.parse("\n    ".join([f"class {builder.fresh(name)}:", *lines])).body[0]
        assert isinstance(node, ast.ClassDef)
        node.decorator_list = [builder.name(maker)]
    else:
        raise Dead(f"{name} is a class of another program")
    builder.add(node)
    builder.notes.append(f"{name} cannot be seen; a class with what is known of it stands in for it")
    return ast.Name(node.name)


def _record(builder: "Builder", name: str, half: list[Field]) -> ast.ClassDef:
    """A record class with the fields that can be seen, made by attrs where the stack speaks of it."""
    names = " ".join(frame.name for frame in builder.scene.frames)
    makers = [path for path in ("attr:define", "dataclasses:dataclass") if builder.names.exists(path)]
    first = "attr" if re.search(r"\battrs?\b|_attrs?(_|\b)", names) else "dataclasses"
    ways = [(0.0 if path.startswith(first) else 0.8, path) for path in makers]
    maker = builder.choices.pick(f"what makes {name}", ways)
    body: list[ast.stmt] = []
    for item in half:
        plain = item.annotation.value if isinstance(item.annotation, ast.Constant) else ast.unparse(item.annotation)
        if str(plain).partition("[")[0] not in _PLAIN or not (item.value is None or is_literal(item.value)):
            continue
        body.append(item)
    if not body:
        raise Dead(f"of {name} no plain field can be seen")
    return ast.ClassDef(builder.fresh(name), [], [], copy.deepcopy(body), [builder.name(maker)])


def half_seen(scene: "Scene") -> list[Field]:
    """The fields of a record class of the calling program whose head lies above the lines that the event shows."""
    for frame in scene.frames:
        if frame.kind is not Kind.SERVICE or frame.source.whole:
            continue
        lines = frame.source.lines
        for first in sorted(lines):
            if first - 1 in lines or not lines[first].startswith((" ", "\t")):
                continue
            block = list(itertools.takewhile(lambda text: not text[:1].strip(), _run(lines, first)))
            try:
                body = ast.parse(textwrap.dedent("\n".join(block))).body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            found = [item for item in body if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)]
            if found and all(isinstance(item, ast.AnnAssign | ast.FunctionDef) for item in body):
                return [cast(Field, item) for item in found]
    return []


def declared(builder: "Builder", name: str) -> list[ast.stmt]:
    """The fields that a class declares (of a form, a serializer, a schema), as its objects print them or as the lines
    show them whose head lies above what the event has; none where neither does."""
    ways = [*_printed(builder, name), *_headless(builder)]
    found: list[ast.stmt] = []
    for frame, body in ways[:1]:
        for item in body:
            with contextlib.suppress(Dead):  # a field less, rather than no class
                found.append(ast.Assign(item.targets, builder.outside(frame, item.value), lineno=0))
    return found


def _printed(builder: "Builder", name: str) -> Iterator[tuple["StackFrame", list[ast.Assign]]]:
    """What `Name(...):` prints below itself, a field a line, as Django REST framework's serializers do."""
    mark = re.compile(rf"{re.escape(name)}\(.*\):\n((?: +\w+ = .+(?:\n|$))+)$")
    for frame in builder.scene.repo_frames:
        for wire in frame.variables.values():
            met = mark.match(wire) if isinstance(wire, str) and len(wire) < MOST_TEXT else None
            if met and (body := _assignments(textwrap.dedent(met[1]))):
                yield next((item for item in builder.scene.frames if item.kind is Kind.SERVICE), frame), body


def _headless(builder: "Builder") -> Iterator[tuple["StackFrame", list[ast.Assign]]]:
    """The block of assignments that the visible lines of the calling program begin with."""
    for frame in builder.scene.frames:
        lines = frame.source.lines
        if frame.kind is not Kind.SERVICE or frame.source.whole:
            continue
        for first in sorted(lines):
            if first - 1 in lines or not lines[first].startswith((" ", "\t")):
                continue
            block = itertools.takewhile(lambda text: text[:1].isspace() or not text.strip(), _run(lines, first))
            if body := _assignments(textwrap.dedent("\n".join(block))):
                yield frame, body


def _assignments(text: str) -> list[ast.Assign]:
    """Plain assignments of calls, and nothing else."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    plain = [item for item in body if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name)]
    return plain if len(plain) == len(body) and all(isinstance(item.value, ast.Call) for item in plain) else []


def _run(lines: Mapping[int, str], first: int) -> Iterator[str]:
    """The lines from `first` up to the next gap."""
    while first in lines:
        yield lines[first]
        first += 1


def is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _base(builder: "Builder", name: str) -> str:
    """The most derived class of the repo whose method had an object of the class as `self`."""
    best, depth = "", 0
    mark = re.compile(rf"<?(?:__main__\.)?{re.escape(name)}\b")
    for frame in builder.scene.repo_frames:
        wire = frame.variables.get(frame.view.parameters[0]) if frame.view.parameters and frame.class_name else None
        if frame.kind is not Kind.REPO or not isinstance(wire, str) or not mark.match(wire) or frame.view.nested:
            continue
        path = f"{frame.module}:{frame.class_name}"
        found = builder.names.describe(path)
        if found.get("kind") == "class" and frame.class_name != name and len(found.get("mro") or ()) >= depth:
            best, depth = path, len(found.get("mro") or ())
    return best or _named_after(builder, name)


def _named_after(builder: "Builder", name: str) -> str:
    """The class of the repo that a class with declared fields is named after: `Serializer` for `EventSerializer`."""
    words = re.findall(r"[A-Z][a-z0-9]*", name)
    if len(words) < 2 or not any((*_printed(builder, name), *_headless(builder))):
        return ""
    for at in range(1, len(words)):
        short = "".join(words[at:])
        for path in (*builder.names.find(short), *builder.names.find(short, (), True)):
            top = path.partition(":")[0].partition(".")[0]
            if top in builder.scene.packages and builder.names.describe(path).get("kind") == "class":
                return path
    return ""


def _fields(builder: "Builder") -> tuple[str, list[str]] | None:
    """The kind of record and an annotation for each field, as attrs and dataclasses print their own."""
    for frame in builder.scene.repo_frames:
        for wire in frame.variables.values():
            text = "\n".join(_texts(wire))[:MOST_TEXT]
            met = list(_RECORD.finditer(text))
            if not met:
                continue
            ends = [item.start() for item in met[1:]] + [len(text)]
            lines: dict[str, str] = {}
            for item, end in zip(met, ends, strict=True):
                if not item[2].isidentifier() or keyword.iskeyword(item[2]):
                    continue
                kind = _TYPE.search(text, item.end(), end)
                named = (kind[1] or kind[2]) if kind else ""
                lines.setdefault(item[2], f"{item[2]}: {named if named in _PLAIN else 'object'}")
            return (met[0][1], list(lines.values())) if lines else None
    return None


def _texts(wire: Json) -> Iterator[str]:
    if isinstance(wire, str):
        yield wire
    elif isinstance(wire, list | tuple):
        for item in wire[:40]:
            yield from _texts(item)
    elif isinstance(wire, dict):
        for item in list(wire.values())[:40]:
            yield from _texts(item)
