"""Makes objects of mapped classes (Django, SQLAlchemy): columns from what the stack holds, else the least that fits."""

import ast
import itertools
import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from triage.domain.event import Json
from triage.drafting.replay.building import columns, kin
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.stack import told
from triage.drafting.replay.stack.reprs import read_repr
from triage.drafting.replay.stack.scene import StackFrame

if TYPE_CHECKING:
    from collections.abc import Callable

    from triage.drafting.replay.building.builder import Builder

MOST_DEPTH = 4
MOST_TEXT, MOST_INNER = 4_000, 4
_ROW = re.compile(r"<([A-Za-z_][\w.]*)(?:[: (].*)?>")
# Django's `<Booking: Board meeting>` and Flask-SQLAlchemy's `<User 3>`, within a longer text.
_INNER_ROW = re.compile(r"<([A-Z]\w*)(?:: [^<>]*| \d+)>")
# The least value of a column's kind; the second is tried later, for what breaks on nothing.
LEAST: tuple[tuple[str, str, str], ...] = (
    (r"Email", "'someone@example.org'", "''"),
    (r"URL", "'https://example.org/'", "''"),
    (r"Char|Text|String|Slug|Unicode|Varchar|VARCHAR|TEXT|File|Image", "'x'", "''"),
    (r"Bool", "False", "True"),
    (r"Decimal|Numeric|NUMERIC", "decimal:Decimal('1')", "decimal:Decimal('0')"),
    (r"Float|Double|REAL|FLOAT", "1.0", "0.0"),
    (r"Integer|AutoField|INTEGER|BIGINT|Integer", "1", "0"),
    (r"DateTime|TIMESTAMP", "datetime:datetime(2024, 1, 1)", "datetime:datetime(2024, 2, 29)"),
    (r"Date", "datetime:date(2024, 1, 1)", "datetime:date(2024, 2, 29)"),
    (r"Time", "datetime:time(0, 0)", "datetime:time(12, 0)"),
    (r"Interval|Duration", "datetime:timedelta(days=1)", "datetime:timedelta(0)"),
    (r"UUID|Uuid", "uuid:UUID(int=1)", "uuid:UUID(int=0)"),
    (r"Binary|BLOB|Blob", "b'x'", "b''"),
    (r"JSON", "{}", "[]"),
)


def is_mapped(found: Mapping[str, Any]) -> bool:
    return bool(found.get("mapper")) and isinstance(found.get("columns"), list)


def construct(
    builder: "Builder", frame: StackFrame, path: str, found: Mapping[str, Any], key: str, shown: str = "",
    known: Mapping[str, ast.expr] | None = None,
) -> ast.expr:  # fmt: skip
    """A row of the class at `path`; the same `shown` repr gives the same variable again. `known` columns are so."""
    path = f"{found['module']}:{found['qualname']}"
    memory = (path, shown or key)
    if memory in builder.rows:
        return builder.rows[memory]
    if builder.depth > MOST_DEPTH * 4:
        raise Dead(f"too many rows hang on {path}")
    from triage.drafting.replay.building.objects import snake

    name = path.rpartition(":")[2].rpartition(".")[2]
    how = builder.choices.pick(f"{path}:columns", [(0.0, "least"), (0.7, "zero"), (1.1, "full"), (1.6, "full zero")])
    said = stated(builder, name)
    if any(other == path for other, _ in builder.rows):
        said.pop("id", None)
    words = {name.lower(), *snake(name).split("_")}
    route = {
        label: read.value
        for label, wire in _route(builder).items()
        if isinstance(read := _plain(builder, wire), ast.Constant)
    }
    for column, text in columns.of_route(route, words, found["columns"]).items():
        said.setdefault(column, ast.Constant(text))
    said |= columns.passed(builder, shown) | columns.printed(builder, path, shown) | dict(known or {})
    keywords: list[ast.keyword] = []
    for column in found["columns"]:
        value = _value(builder, frame, path, column, said, how, f"{key}.{column['name']}")
        if value is not None:
            keywords.append(ast.keyword(str(column["name"]), value))
    maker = builder.name(builder.names.public(path))
    if found["mapper"] == "django":
        maker = ast.Attribute(ast.Attribute(maker, "objects"), "create")
    elif found["mapper"] == "peewee":
        maker = ast.Attribute(maker, "create")
    own = _own_parent(builder, path, found)
    key_of_parent = (own.get("behind") or [""])[0] if own is not None else ""
    if key_of_parent and "id" in said:
        keywords.append(ast.keyword(str(key_of_parent), said["id"]))
    made = builder.assign(snake(name), ast.Call(maker, [], keywords), keep=True)
    builder.rows[memory] = made
    if own is not None and not (key_of_parent and "id" in said):
        builder.add(ast.Assign([ast.Attribute(made, str(own["name"]))], made, lineno=0))
    return made


def _own_parent(builder: "Builder", path: str, found: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """For endless recursion through rows of one class: the column that makes a row its own parent."""
    crash = builder.scene.event.crash
    own: list[Mapping[str, Any]] = [column for column in found["columns"] if column.get("target") == path]
    return own[0] if own and crash is not None and crash.type == "RecursionError" else None


def _value(
    builder: "Builder",
    frame: StackFrame,
    path: str,
    column: Mapping[str, Any],
    said: Mapping[str, ast.expr],
    how: str,
    key: str,
) -> ast.expr | None:
    """What one column gets; None to leave it out."""
    name, kind, full = str(column["name"]), str(column["kind"]), how.startswith("full")
    if column.get("target"):
        return _parent(builder, frame, path, column, full, key)
    given = columns.fitting(builder, kind, said[name]) if name in said else None
    if given is not None and (column.get("nullable") or not _is_none(given)):
        return given
    if column.get("primary") or (column.get("filled") and not full):
        return None
    if column.get("nullable") and not full:
        return None
    if kind.startswith("Enum:") and str(column.get("choice")).startswith("member "):
        return ast.Attribute(builder.name(builder.names.public(kind[5:])), str(column["choice"])[7:])
    if column.get("choice"):
        return _literal(builder, str(column["choice"]), kind)
    if kind.startswith("Enum:"):
        members = builder.names.describe(kind[5:]).get("fields") or ()
        return ast.Attribute(builder.name(builder.names.public(kind[5:])), str(members[0])) if members else None
    for pattern, first, second in LEAST:
        if re.search(pattern, kind):
            return _literal(builder, second if how.endswith("zero") else first, kind)
    return None


def _parent(
    builder: "Builder", frame: StackFrame, path: str, column: Mapping[str, Any], full: bool, key: str
) -> ast.expr | None:
    """The row that a foreign key points to: one of the stack's, else the least that fits."""
    target = str(column["target"])
    if target == path or (column.get("nullable") and not full):
        return None
    for shown, other, other_path in on_stack(builder):
        if other_path == target:
            return construct(builder, other, target, builder.names.describe(target), key, shown)
    found = builder.names.describe(target)
    if not is_mapped(found):
        return None
    builder.depth += 1
    try:
        return construct(builder, frame, target, found, f"{target}:parent")
    finally:
        builder.depth -= 1


def _literal(builder: "Builder", text: str, kind: str) -> ast.expr:
    match = re.match(r"(datetime|decimal|uuid):(\w+)(\(.*)$", text)
    if not match:
        try:
            return ast.Constant(ast.literal_eval(text)) if text[0] not in "{[" else ast.parse(text, mode="eval").body
        except (ValueError, SyntaxError):
            raise Dead(f"the default {text[:40]} of a column cannot be written down") from None
    node = ast.parse(f"f{match[3]}", mode="eval").body
    assert isinstance(node, ast.Call)
    keywords = list(node.keywords)
    if match[2] == "datetime" and kind == "DateTimeField":
        keywords.append(ast.keyword("tzinfo", ast.Attribute(builder.name("datetime:timezone"), "utc")))
    return ast.Call(builder.name(f"{match[1]}:{match[2]}"), node.args, keywords)


def stated(builder: "Builder", name: str) -> dict[str, ast.expr]:
    """Column values that the stack's lines and variables tell: `filter_by(number=number)`, `order.owner != user`."""
    found: dict[str, ast.expr] = {}
    from triage.drafting.replay.building.objects import snake

    own = {snake(name), name.lower()}
    for frame in builder.scene.repo_frames:
        for label, wire in frame.variables.items():
            if (value := _plain(builder, wire)) is None:
                continue
            found.setdefault(label, value)
            if any(label == f"{word}_id" or label == f"{word}_pk" for word in own) or label == "pk":
                found["id"] = _number(value)
            for column in _compared(frame, label, own):
                found[column] = value if column != "id" else _number(value)
    for label, wire in _route(builder).items():
        if (value := _plain(builder, wire)) is not None:
            if label in ("pk", "id") or label in {f"{word}_id" for word in own}:
                found["id"] = _number(value)
            else:
                found.setdefault(label, value)
    return found | _told(builder, name, own)


def _told(builder: "Builder", name: str, own: set[str]) -> dict[str, ast.expr]:
    """Columns whose values the error's message tells: `account.limit` where something was divided by zero."""
    found: dict[str, ast.expr] = {}
    for frame in builder.scene.repo_frames[-1:]:
        for text, value in told.values(builder, frame).items():
            root, _, column = text.partition(".")
            wire = frame.variables.get(root)
            held = isinstance(wire, str) and re.match(rf"<(?:[\w.]*\.)?{re.escape(name)}\b", wire)
            if column.isidentifier() and (held or root in own or (root == "self" and frame.class_name == name)):
                found[column] = told.written(builder, value)
    return found


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _route(builder: "Builder") -> dict[str, Json]:
    """What a framework's frames bound from the path: `kwargs`, `callback_kwargs`, `view_args`."""
    found: dict[str, Json] = {}
    for frame in builder.scene.frames:
        for label in ("callback_kwargs", "view_args", "kwargs"):
            wire = frame.variables.get(label)
            if isinstance(wire, dict):
                found.update({name: value for name, value in wire.items() if isinstance(value, str | int)})
    return found


def _number(value: ast.expr) -> ast.expr:
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value.isdigit():
        return ast.Constant(int(value.value))
    return value


def _plain(builder: "Builder", wire: Json) -> ast.expr | None:
    """A scalar that was captured whole; anything else is not for a column."""
    if isinstance(wire, bool | int | float):
        return ast.Constant(wire)
    read = read_repr(wire) if isinstance(wire, str) else None
    if read is None:
        return None
    if isinstance(read.tree, ast.Constant) and isinstance(read.tree.value, str | int | float):
        return read.tree
    match = re.fullmatch(r"Decimal\('(-?[\d.]+)'\)", str(wire))
    return ast.Call(builder.name("decimal:Decimal"), [ast.Constant(match[1])], []) if match else None


def _compared(frame: StackFrame, label: str, own: set[str]) -> list[str]:
    """Columns that the function compares with, or looks up by, the variable `label`."""
    columns: list[str] = []
    for node in ast.walk(frame.view.node) if frame.view.node is not None else ():
        if isinstance(node, ast.Compare) and len(node.comparators) == 1:
            sides = (node.left, node.comparators[0])
            for one, other in (sides, sides[::-1]):
                if isinstance(one, ast.Name) and one.id == label and isinstance(other, ast.Attribute):
                    root = other.value
                    if isinstance(root, ast.Name) and root.id.lower() in own:
                        columns.append(other.attr)
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            looks_up = re.search(r"filter|^get|one_or_404|first_or|exclude", str(name))
            for item in node.keywords if looks_up else ():
                if item.arg and isinstance(item.value, ast.Name) and item.value.id == label:
                    columns.append("id" if item.arg == "pk" else item.arg)
            match node.args if looks_up else []:
                case [ast.Name(id=model), ast.Name(id=given)] if given == label and model.lower() in own:
                    columns.append("id")
    return columns


def on_stack(builder: "Builder") -> list[tuple[str, StackFrame, str]]:
    """(repr, frame, path) of every mapped object that a frame of the repo holds, outermost first, once; then those
    inside other reprs (a query set, a form, a serializer), and those that only the framework's frames hold."""
    return builder.mined.remembered("rows", lambda: _on_stack(builder))


def _on_stack(builder: "Builder") -> list[tuple[str, StackFrame, str]]:
    found: dict[str, tuple[str, StackFrame, str]] = {}
    classes: dict[str, str] = {"User": ""}  # people are logged in, not made here, but for those in repo variables
    made_there: set[str] = set()
    for frame in builder.scene.repo_frames:
        for label, wire in frame.variables.items():
            match = _ROW.fullmatch(wire) if isinstance(wire, str) else None
            if match is not None and columns.made_there(frame, label):
                made_there.add(match[0])
            elif match is not None and match[0] not in found and (path := _mapped(builder, frame, match[1])):
                found[match[0]] = (match[0], frame, path)
    for frame in (*builder.scene.repo_frames, *builder.scene.frames):
        for text in _texts(list(frame.variables.values())):
            for match in itertools.islice(_INNER_ROW.finditer(text[:MOST_TEXT]), MOST_INNER):
                if match[1] not in classes:
                    classes[match[1]] = _mapped(builder, frame, match[1])
                if classes[match[1]]:
                    found.setdefault(match[0], (match[0], frame, classes[match[1]]))
    return [item for shown, item in found.items() if shown not in made_there]


def _mapped(builder: "Builder", frame: StackFrame, name: str) -> str:
    """Where the mapped class of that name is defined, "" when it is none."""
    from triage.drafting.replay.building.objects import class_path

    try:
        path = class_path(builder, frame, name)
    except Dead:
        return ""
    found = builder.names.describe(path)
    return f"{found['module']}:{found['qualname']}" if is_mapped(found) else ""


def _texts(wire: Json, depth: int = 0) -> Iterator[str]:
    """All texts in a captured value."""
    if isinstance(wire, str):
        yield wire
    elif isinstance(wire, list | tuple | dict) and depth < MOST_DEPTH:
        for item in wire.values() if isinstance(wire, dict) else wire:
            yield from _texts(item, depth + 1)


def all_made(builder: "Builder") -> list[ast.expr]:
    """Every mapped object of the stack, made; inner ones last."""
    options: list[tuple[float, Callable[[], list[ast.expr]]]] = []
    held = on_stack(builder)
    make = [
        partial(construct, builder, frame, path, builder.names.describe(path), f"row {at}", shown)
        for at, (shown, frame, path) in enumerate(held[:6])
    ]
    options.append((0.0 if held else 0.5, lambda: [*(item() for item in make), *kin.made(builder)]))
    last = builder.scene.repo_frames[-1]
    near = [item for item, (shown, _, _) in zip(make, held, strict=False) if shown in last.variables.values()]
    if near and len(near) < len(make):  # what a loop held before may belong to another row
        options.append((0.4, lambda: [item() for item in near]))
    if held:  # then what the look-ups of the path need
        options.append((0.9, list))
    return builder.choices.pick("rows", options)()


def looked_up(builder: "Builder") -> list[tuple[StackFrame, str, str]]:
    """(frame, name, path) of mapped classes that the stack's functions name, once each."""
    return builder.mined.remembered("looked up", lambda: _looked_up(builder))


def _looked_up(builder: "Builder") -> list[tuple[StackFrame, str, str]]:
    from triage.drafting.replay.building.objects import class_path

    found: dict[str, tuple[StackFrame, str, str]] = {}
    for frame in builder.scene.repo_frames:
        for node in ast.walk(frame.view.node) if frame.view.node is not None else ():
            if not isinstance(node, ast.Name) or not node.id[:1].isupper() or node.id in found:
                continue
            try:
                path = class_path(builder, frame, node.id)
            except Dead:
                continue
            if is_mapped(builder.names.describe(path)):
                found[node.id] = (frame, node.id, path)
    return list(found.values())


def make_looked_up(builder: "Builder") -> list[ast.expr]:
    """A row for the first of them: `get_object_or_404(Ticket, slug=slug)`; none as the other choice."""
    for frame, name, path in looked_up(builder):
        if builder.choices.pick(f"a {name}", [(0.2, True), (0.6, False)]):
            return [construct(builder, frame, path, builder.names.describe(path), f"looked up {path}")]
    return []
