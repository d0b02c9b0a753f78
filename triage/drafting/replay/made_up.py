"""Functions and classes of the calling program that no line shows: stand-ins of the kind that the frames tell."""

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from triage.domain.event import Json
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.scene import Kind

if TYPE_CHECKING:
    from triage.drafting.replay.builder import Builder

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
    return bool(_base(builder, name) or _fields(builder))


def a_class(builder: "Builder", name: str) -> ast.expr:
    """A class of that name: with the fields that the frames hold records of, or on the base whose methods ran.

    Raises Dead when the frames tell neither.
    """
    base, fields = _base(builder, name), _fields(builder)
    if base:
        node = ast.parse(f"class {builder.fresh(name)}:\n    pass").body[0]
        assert isinstance(node, ast.ClassDef)
        node.bases = [builder.name(builder.names.public(base))]
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
    return best


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
                kind = _TYPE.search(text, item.end(), end)
                named = (kind[1] or kind[2]) if kind else ""
                lines.setdefault(item[2], f"{item[2]}: {named if named in _PLAIN else 'object'}")
            return met[0][1], list(lines.values())
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
