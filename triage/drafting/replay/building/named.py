"""Named tuples behind lists: the SDK sends them without their names, the code reads them by name."""

import ast
import re
from typing import TYPE_CHECKING

from triage.drafting.replay.stack.scene import StackFrame

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

_PLAIN = frozenset({*dir(list), *dir(tuple), *dir(set)})
MOST = 3


def classes(builder: "Builder", frame: StackFrame, name: str, count: int) -> list[str]:
    """Paths of the repo's named tuples with `count` fields that have the attributes the function reads of `name`."""
    read = {
        node.attr
        for node in (ast.walk(frame.view.node) if frame.view.node is not None else ())
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
    }
    if not read - _PLAIN:
        return []
    found = []
    for path, fields in builder.mined.remembered("named tuples", lambda: _known(builder)):
        if len(fields) == count and read & set(fields):
            found.append(path)
    return found[:MOST]


def _known(builder: "Builder") -> list[tuple[str, tuple[str, ...]]]:
    """(path, fields) of the named tuples that the repo's files define."""
    pattern = re.compile(r"^class (\w+)\([^)]*NamedTuple\b|^(\w+) *= *(?:collections\.)?namedtuple\(", re.MULTILINE)
    found: dict[str, tuple[str, ...]] = {}
    for file in builder.mined.files:
        for match in pattern.finditer(builder.mined.text(file)):
            for path in builder.mined.definitions(match[1] or match[2], builder.scene.import_roots) or []:
                facts = builder.names.describe(path)
                if facts.get("style") == "namedtuple":
                    found[path] = tuple(str(item) for item in facts.get("fields") or ())
    return list(found.items())
