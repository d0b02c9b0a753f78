"""The world a candidate runs in: the clock of the event, streams that are pipes."""

import ast
import re
from typing import TYPE_CHECKING

from triage.drafting.replay.opaque import content_options
from triage.drafting.replay.reprs import read_repr
from triage.drafting.replay.safe import is_stdlib
from triage.drafting.replay.scene import Scene, StackFrame

if TYPE_CHECKING:
    from triage.drafting.replay.builder import Builder

_STREAMS = re.compile(r"seek|fileno|isatty|pseudofile|stdin|stdout|BrokenPipe|not readable|not writable")
_NOW = {"today": "date", "now": "datetime", "utcnow": "datetime"}


def prepare(builder: "Builder") -> None:
    """Put questions about the world to the search, but only those that this crash can depend on."""
    _streams(builder)
    _standard_input(builder)
    _clock(builder)


def _streams(builder: "Builder") -> None:
    crash = builder.scene.event.crash
    if crash is None or not (crash.type in ("UnsupportedOperation", "BrokenPipeError") or _STREAMS.search(crash.value)):
        return
    if crash.type not in ("UnsupportedOperation", "OSError", "ValueError", "BrokenPipeError"):
        return
    if builder.choices.pick("streams", [(0.6, "as pytest has them"), (0.0, "pipes")]) == "pipes":
        system, monkeypatch = builder.import_module("sys"), builder.fixture("monkeypatch")
        pipe = ast.Subscript(
            ast.Call(ast.Attribute(builder.import_module("os"), "pipe"), [], []), ast.Constant(1), ast.Load()
        )
        stream = ast.Call(ast.Name("open"), [pipe, ast.Constant("w")], [])
        builder.add(
            ast.Expr(ast.Call(ast.Attribute(monkeypatch, "setattr"), [system, ast.Constant("stdout"), stream], []))
        )
        builder.notes.append("standard output is a pipe, as in production")


def _standard_input(builder: "Builder") -> None:
    """What the code on the path read from standard input, when some frame still holds it."""
    reader = next(
        (
            frame
            for frame in builder.scene.repo_frames
            if frame.view.node and "sys.stdin" in ast.unparse(frame.view.node)
        ),
        None,
    )
    if reader is None:
        return
    held = [item for item in content_options(builder, reader, str) if item[1] is not None]
    options: list[tuple[float, ast.expr | None]] = [(0.5, None), *held]
    content = builder.choices.pick("standard input", options)
    if content is not None:
        stream = ast.Call(builder.name("io:StringIO"), [content], [])
        setting = ast.Attribute(builder.fixture("monkeypatch"), "setattr")
        builder.add(ast.Expr(ast.Call(setting, [builder.import_module("sys"), ast.Constant("stdin"), stream], [])))


def _text(frame: StackFrame) -> str:
    return ast.unparse(frame.view.node) if frame.view.node is not None else ""


def clock_reads(scene: Scene) -> list[tuple[StackFrame, str, str, str]]:
    """(frame, root name, class or "", method) of every reading of the clock on the path."""
    found = []
    for frame in scene.repo_frames:
        if frame.view.node is None:
            continue
        for node in ast.walk(frame.view.node):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            method, owner = node.func.attr, node.func.value
            if method in _NOW and isinstance(owner, ast.Name):
                found.append((frame, owner.id, owner.id, method))
            elif method in _NOW and isinstance(owner, ast.Attribute) and isinstance(owner.value, ast.Name):
                found.append((frame, owner.value.id, owner.attr, method))
            elif method == "time" and isinstance(owner, ast.Name) and owner.id == "time":
                found.append((frame, "time", "", "time"))
    return found


def _clock(builder: "Builder") -> None:
    reads = clock_reads(builder.scene)
    if not reads:
        return
    moment = _captured_moment(reads)
    options: list[tuple[float, str]] = [(0.0, "now"), (0.9, "event")]
    if moment is not None:
        options.append((0.5, "captured"))
    choice = builder.choices.pick("clock", options)
    if choice == "now":
        return
    if choice == "event" or moment is None:
        at = builder.scene.event.occurred_at
        moment = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    builder.notes.append("the clock stands where it stood in production")
    done: set[tuple[str, str]] = set()
    for frame, root, kind, method in reads:
        if (frame.module, root) not in done:
            done.add((frame.module, root))
            _freeze(builder, frame, root, kind or method, moment)


def _captured_moment(reads: list[tuple[StackFrame, str, str, str]]) -> tuple[int, ...] | None:
    """The moment that a variable still holds which was assigned from the clock."""
    for frame, _, _, method in reads:
        for statement in frame.view.before:
            if isinstance(statement, ast.Assign) and f".{method}(" in ast.unparse(statement.value):
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


def _freeze(builder: "Builder", frame: StackFrame, root: str, kind: str, moment: tuple[int, ...]) -> None:
    monkeypatch = builder.fixture("monkeypatch")
    setting = ast.Attribute(monkeypatch, "setattr")
    if kind == "time":
        import calendar

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
        zone = ", tzinfo=tz" if "tz" in parameters else ""
        text += f"\n    @classmethod\n    def {method}({parameters}):\n        return cls({numbers}{zone})"
    builder.add(ast.parse(text).body[0])
    owner = builder.import_module(frame.module) if imported[1] else builder.import_module("datetime")
    attribute = root if imported[1] else base
    builder.add(ast.Expr(ast.Call(setting, [owner, ast.Constant(attribute), ast.Name(name)], [])))
