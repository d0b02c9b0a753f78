"""The clock of a candidate: set to the event's time wherever the path reads it.

A test that reads today's date may pass or fail by the calendar alone, so a reading on the path,
or one call below it, is always pinned first; leaving the clock alone is the fallback.
"""

import ast
import calendar
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from triage.drafting.replay.stack.reprs import read_repr
from triage.drafting.replay.stack.safe import is_stdlib
from triage.drafting.replay.stack.scene import StackFrame
from triage.drafting.replay.stack.views import FunctionNode

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

_NOW = {"today", "now", "utcnow"}
MOST_CALLEES = 40
_WORDS = re.compile(r"\.(today|now|utcnow|time|localtime|gmtime)\(")
Read = tuple[StackFrame, str, str, str]


def prepare(builder: "Builder") -> None:
    """Put the question to the search when the path reads the clock."""
    reads = builder.mined.remembered("clock", lambda: [*reads_of_path(builder), *reads_below(builder)])
    if not reads:
        return
    moment = _captured_moment(reads)
    options: list[tuple[float, str]] = [(0.5, "now"), (0.0 if moment is None else 0.2, "event")]
    if moment is not None:
        options.append((0.0, "captured"))
    choice = builder.choices.pick("clock", options)
    if choice == "now":
        return
    if choice == "event" or moment is None:
        at = builder.scene.event.occurred_at
        moment = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    builder.notes.append("the clock stands where it stood in production")
    if not _travel(builder, moment):
        done: set[tuple[str, str]] = set()
        for frame, root, kind, method in reads:
            if (frame.module, root) not in done:
                done.add((frame.module, root))
                _freeze(builder, frame, root, kind or method, moment)


def reads_of_path(builder: "Builder") -> list[Read]:
    """(frame, root name, class or "", method) of every reading of the clock in the stack's functions."""
    found: list[Read] = []
    for frame in builder.scene.repo_frames:
        if frame.view.node is not None:
            found += [(frame, *read) for read in _reads_in(frame.view.node)]
    return found


def reads_below(builder: "Builder") -> list[Read]:
    """The same for the repo's functions that those call by name."""
    return [(at, *read) for at, function in callees(builder, _WORDS) for read in _reads_in(function)]


def callees(builder: "Builder", words: re.Pattern[str] | None = None) -> list[tuple[StackFrame, FunctionNode]]:
    """The repo's functions that those of the stack call by name; with `words`, of modules that have them."""
    found: list[tuple[StackFrame, FunctionNode]] = []
    seen: set[tuple[str, str]] = set()
    for frame in builder.scene.repo_frames:
        node = frame.view.node
        if node is None or not frame.source.whole:
            continue
        for part in ast.walk(node):
            if not isinstance(part, ast.Call) or len(seen) > MOST_CALLEES:
                continue
            module, name = _callee(frame, part.func)
            if not name or (module, name) in seen:
                continue
            seen.add((module, name))
            if words is not None and not words.search(builder.mined.module_text(module)):
                continue
            for source, function in builder.mined.functions(module, name):
                at = builder.mined.frame_at(source, function.body[0].lineno)
                found.append((at, function))
    return found


def _callee(frame: StackFrame, node: ast.expr) -> tuple[str, str]:
    """Module and name of a function of the repo that is called plainly or through its module."""
    if isinstance(node, ast.Name):
        if (imported := frame.source.imported(node.id)) is not None:
            return _absolute(frame, imported[0]), imported[1]
        return frame.module, node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        imported = frame.source.imported(node.value.id)
        if imported is not None:
            module = _absolute(frame, imported[0])
            return (f"{module}.{imported[1]}" if imported[1] else module), node.attr
        if node.value.id in ("self", "cls"):
            return frame.module, node.attr
    return "", ""


def _absolute(frame: StackFrame, module: str) -> str:
    if not module.startswith("."):
        return module
    dots = len(module) - len(module.lstrip("."))
    parts = frame.module.split(".")
    kept = parts[: len(parts) - dots + (1 if frame.path.endswith("__init__.py") else 0)]
    return ".".join([*kept, *([module.lstrip(".")] if module.lstrip(".") else [])])


def _reads_in(node: FunctionNode) -> Iterator[tuple[str, str, str]]:
    for part in ast.walk(node):
        if not isinstance(part, ast.Call) or not isinstance(part.func, ast.Attribute):
            continue
        method, owner = part.func.attr, part.func.value
        if method in _NOW and isinstance(owner, ast.Name):
            yield owner.id, owner.id, method
        elif method in _NOW and isinstance(owner, ast.Attribute) and isinstance(owner.value, ast.Name):
            yield owner.value.id, owner.attr, method
        elif method in ("time", "localtime", "gmtime") and isinstance(owner, ast.Name) and owner.id == "time":
            yield "time", "", "time"


def _captured_moment(reads: list[Read]) -> tuple[int, ...] | None:
    """The moment that a variable still holds which was assigned from the clock."""
    for frame, _, _, method in reads:
        for statement in frame.view.before:
            if isinstance(statement, ast.Assign) and _is_reading(statement.value, method):
                for target in statement.targets:
                    wire = frame.variables.get(target.id) if isinstance(target, ast.Name) else None
                    read = read_repr(wire) if isinstance(wire, str) else None
                    if read is not None and isinstance(read.tree, ast.Call):
                        numbers = tuple(
                            item.value
                            for item in read.tree.args
                            if isinstance(item, ast.Constant) and isinstance(item.value, int)
                        )
                        if len(numbers) >= 3:
                            return numbers
    return None


def _is_reading(node: ast.expr, method: str) -> bool:
    """Whether the value is what the clock said, and not computed from it."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method


def _travel(builder: "Builder", moment: tuple[int, ...]) -> bool:
    """With the library that the repo has for it; all of the test runs inside."""
    date, time = moment[:3], (*moment[3:6], 0, 0, 0)[:3]
    text = f"{date[0]:04d}-{date[1]:02d}-{date[2]:02d}"
    if any(time):
        text += f" {time[0]:02d}:{time[1]:02d}:{time[2]:02d}+00:00"
    for package, path in (("time_machine", "time_machine:travel"), ("freezegun", "freezegun:freeze_time")):
        if builder.names.is_top(package) and builder.mined.mentions(package):
            call = ast.Call(builder.name(path), [ast.Constant(text)], [])
            builder.enter(ast.With([ast.withitem(call, None)], [], lineno=0))
            return True
    return False


def _freeze(builder: "Builder", frame: StackFrame, root: str, kind: str, moment: tuple[int, ...]) -> None:
    monkeypatch = builder.fixture("monkeypatch")
    setting = ast.Attribute(monkeypatch, "setattr")
    if kind == "time":
        full = (*moment, 0, 0, 0)[:6]
        seconds = float(calendar.timegm((*full, 0, 0, 0)))
        frozen: ast.expr = ast.Lambda(ast.arguments([], [], None, [], [], None, []), ast.Constant(seconds))
        builder.add(ast.Expr(ast.Call(setting, [builder.import_module("time"), ast.Constant("time"), frozen], [])))
        return
    imported = frame.source.imported(root)
    if imported is None or not is_stdlib(imported[0]):
        return
    base = "date" if kind == "date" else "datetime"
    name = builder.fresh(f"Frozen{base.title()}")
    parent = ast.unparse(builder.name(f"datetime:{base}"))
    numbers = ", ".join(str(number) for number in (moment[:3] if base == "date" else moment))
    methods = {"today": "cls"} if base == "date" else {"now": "cls, tz=None", "utcnow": "cls", "today": "cls"}
    text = f"class {name}({parent}):"
    for method, parameters in methods.items():
        made = f"cls({numbers})"
        if "tz" in parameters:
            utc = ast.unparse(builder.name("datetime:timezone"))
            made = f"cls({numbers}, tzinfo={utc}.utc).astimezone(tz) if tz else {made}"
        text += f"\n    @classmethod\n    def {method}({parameters}):\n        return {made}"
    builder.add(ast.parse(text).body[0])
    owner = builder.import_module(frame.module) if imported[1] else builder.import_module("datetime")
    attribute = root if imported[1] else base
    builder.add(ast.Expr(ast.Call(setting, [owner, ast.Constant(attribute), ast.Name(name)], [])))
