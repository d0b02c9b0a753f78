"""What the stack tells of rows that its variables hold: columns passed on or printed, which ones were made there."""

import ast
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from triage.drafting.replay.building import values
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.stack import flow
from triage.drafting.replay.stack.reprs import read_repr
from triage.drafting.replay.stack.scene import Kind, StackFrame

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

TRUSTED = 1.2
_MEMBER = re.compile(r"<[A-Za-z_]\w*\.\w+: [^<>]*>")
# Text that a column of dates or times gets is read as SQL databases and JSON write it.
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?")


def passed(builder: "Builder", shown: str) -> dict[str, ast.expr]:
    """Columns of the row with this repr that a line passed to the next function, which still holds them, and those
    that a variable was assigned from: `renew(order.day, order.kind)`, `until = order.until`."""
    found: dict[str, ast.expr] = {}
    for frame in builder.scene.repo_frames if " at 0x" in shown or re.search(r"\d", shown) else ():
        for name in [label for label, wire in frame.variables.items() if wire == shown]:
            for column, (holder, label) in _held(builder, frame, name).items():
                wire = holder.variables[label]
                plain = values.trust(wire) < TRUSTED or (isinstance(wire, str) and _MEMBER.fullmatch(wire))
                if column in found or not plain:
                    continue
                try:
                    found[column] = builder.captured(holder, label, f"{holder.index}.{label}")
                except Dead:
                    continue
    return found


def _held(builder: "Builder", frame: StackFrame, name: str) -> dict[str, tuple[StackFrame, str]]:
    found: dict[str, tuple[StackFrame, str]] = {}
    for statement in frame.view.before:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            column, label = _attribute(statement.value, name), statement.targets[0].id
            if column and label in frame.variables:
                found[column] = (frame, label)
    following = next((item for item in builder.scene.frames if item.index == frame.index + 1), None)
    if following is None or following.kind is not Kind.REPO or following.view.node is None:
        return found
    call = flow.call_of(frame, following)
    for label in following.view.parameters if call is not None else ():
        column = _attribute(flow.argument_for(call, following, label), name) if call is not None else ""
        if column and label in following.variables and not following.view.reassigned_before_crash(label):
            found[column] = (following, label)
    return found


def _attribute(node: ast.expr | None, name: str) -> str:
    plain = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
    return node.attr if plain and isinstance(node, ast.Attribute) else ""


def made_there(frame: StackFrame, label: str) -> bool:
    """Whether the function itself had made the object that its variable holds: it was in no database before."""
    binding = flow.last_binding(frame.view, label) if label not in frame.view.parameters else None
    made = binding.value if isinstance(binding, ast.Assign | ast.AnnAssign) else None
    wire = frame.variables.get(label)
    shown = re.match(r"<(?:[\w.]*\.)?(\w+)[ :(>]", wire) if isinstance(wire, str) else None
    return isinstance(made, ast.Call) and shown is not None and flow.tail(made.func) == shown[1]


def fitting(builder: "Builder", kind: str, given: ast.expr) -> ast.expr | None:
    """`given` as a column of that kind takes it: a text of a day or a moment as what it says; None for a text that
    says nothing of the kind."""
    if not isinstance(given, ast.Constant) or not isinstance(given.value, str):
        return given
    wanted = re.search(r"DateTime|TIMESTAMP|Date|Time|Interval|Duration", kind)
    if wanted is None:
        return given
    if wanted[0] == "Date" and (day := _DAY.match(given.value)) is not None:
        return ast.Call(builder.name("datetime:date"), [ast.Constant(int(part)) for part in day.groups()], [])
    moment = _MOMENT.fullmatch(given.value)
    if wanted[0] in ("DateTime", "TIMESTAMP") and moment is not None:
        words: list[ast.expr] = [ast.Constant(int(part)) for part in moment.groups()[:6] if part is not None]
        zone = [ast.keyword("tzinfo", ast.Attribute(builder.name("datetime:timezone"), "utc"))] if moment[7] else []
        return ast.Call(builder.name("datetime:datetime"), words, zone)
    return None


def of_route(route: Mapping[str, object], words: set[str], columns: list[Mapping[str, object]]) -> dict[str, str]:
    """A column that names the row in an address, for the part of the address that is called like its class."""
    texts = [str(value) for label, value in route.items() if label in words and isinstance(value, str)]
    texts = [text for text in texts if not text.isdigit()]
    names = [str(item["name"]) for item in columns if re.search(r"Slug", str(item["kind"]))]
    names = names or [
        str(item["name"]) for item in columns if item["name"] in ("slug", "code", "key", "number", "name")
    ]
    return {names[0]: texts[0]} if names and texts else {}


def printed(builder: "Builder", path: str, shown: str) -> dict[str, ast.expr]:
    """Column values read back from a repr: the key of Django's and Flask-SQLAlchemy's own, else what
    `__str__` or `__repr__` prints."""
    match = re.fullmatch(r"<(\w+)(?:: \1 object \((\d+)\)| (\d+)|: (\d+))>", shown)
    if match and (match[4] is None or builder.names.describe(path).get("mapper") == "peewee"):
        return {"id": ast.Constant(int(match[2] or match[3] or match[4]))}
    if not shown:
        return {}
    name = path.rpartition(":")[2]
    for template in _templates(builder, path):
        pattern, names = _as_pattern(template)
        for text in (shown.partition(": ")[2][:-1],) if shown.startswith(f"<{name}: ") else (shown,):
            if names and text and (found := re.fullmatch(pattern, text)):
                return {label: _guessed(value) for label, value in zip(names, found.groups(), strict=True)}
    return {}


def _guessed(text: str) -> ast.expr:
    read = read_repr(text) if text[:1] in "'\"" else None
    if read is not None and isinstance(read.tree, ast.Constant):
        return read.tree
    return ast.Constant(text)


def _templates(builder: "Builder", path: str) -> list[ast.expr]:
    """What `__repr__` and `__str__` of the class return, as they stand in its source."""
    name = path.rpartition(":")[2].rpartition(".")[2]
    return builder.mined.returned(name, ("__repr__", "__str__"))


def _as_pattern(node: ast.expr) -> tuple[str, list[str]]:
    """A pattern for an f-string of plain attributes of `self` (or one attribute), and their names."""
    parts: Sequence[ast.expr] = node.values if isinstance(node, ast.JoinedStr) else [node]
    pattern = ""
    names: list[str] = []
    for part in parts:
        inner = part.value if isinstance(part, ast.FormattedValue) else part
        if isinstance(inner, ast.Constant):
            pattern += re.escape(str(inner.value))
        elif isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) and inner.value.id == "self":
            pattern, names = pattern + "(.*)", [*names, inner.attr]
        else:
            return "", []
    return pattern, names
