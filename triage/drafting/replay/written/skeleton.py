"""What to start from by hand when nothing reproduced: a test with its holes marked, skipped until they are filled."""

import ast
import copy
import textwrap
from dataclasses import dataclass
from pathlib import Path

from triage.domain.event import Event
from triage.domain.outside import one_line
from triage.domain.verdict import ExpectedFailure, FailurePoint
from triage.drafting.replay.building import literals
from triage.drafting.replay.building.objects import snake
from triage.drafting.replay.searching.search import Tried
from triage.drafting.replay.stack.scene import Scene, StackFrame
from triage.drafting.replay.written.naming import entry_words
from triage.drafting.replay.written.style import Style, formatted
from triage.redact import redact

MOST_HOLES = 12
MOST_FRAMES = 6


@dataclass(frozen=True)
class Skeleton:
    """A test file that is no reproduction and says so."""

    path: str
    source: str
    name: str


def skeleton(
    root: Path, event: Event, expected: ExpectedFailure, scene: Scene, nearest: Tried | None,
    missing: tuple[str, ...], style: Style,
) -> Skeleton | None:  # fmt: skip
    """From the nearest miss, else from the outermost function of the stack. None when neither names a call."""
    made = _from_nearest(nearest) if nearest is not None else None
    made = made or _from_stack(scene)
    if made is None:
        return None
    imports, body, entry, said = made
    kind = expected.type.rpartition(".")[2]
    name = f"test_{entry_words(entry)}_{snake(kind)}"[:76]
    lines = [
        "import pytest", *imports, "", "",
        '@pytest.mark.skip(reason="a skeleton: it does not fail as production did yet")',
        f"def {name}():",
        *(f"    {line}" if line else "" for line in _docstring(event, expected, style.length - 4)),
        *(f"    # HOLE: {line}" for line in _holes(missing, said)),
        *(f"    {line}" for line in body.split("\n")),
        "",
    ]  # fmt: skip
    source = formatted("\n".join(lines), style)
    try:
        ast.parse(source)
    except SyntaxError:
        return None
    return Skeleton(_path(root, style, name), source, name)


def _from_nearest(nearest: Tried) -> tuple[list[str], str, str, str] | None:
    candidate = nearest.candidate
    seen = nearest.outcome.report.exceptions
    if candidate.fixtures or candidate.is_async or (seen and seen[0].deepest_in_test):
        return None
    body = "\n".join(literals.unparse(copy.deepcopy(item)) for item in candidate.body)
    what = f"raises {seen[0].type}: {_plain(seen[0].message)}" if seen else "ends without an error"
    return sorted(candidate.imports), redact(body), candidate.entry, f"this call {what}"


def _from_stack(scene: Scene) -> tuple[list[str], str, str, str] | None:
    for frame in scene.repo_frames:
        node = frame.view.node
        if node is None or not frame.module or frame.view.nested or not frame.module.replace(".", "").isidentifier():
            continue
        top = frame.view.classes[0] if frame.view.classes else node.name
        return [f"from {frame.module} import {top}"], _call(frame, node), frame.qualname or node.name, ""
    return None


def _call(frame: StackFrame, node: ast.AST) -> str:
    """The call with a hole for every argument; a method's object is a hole as well."""
    names = [name for name in frame.view.parameters if name not in ("self", "cls")]
    arguments = ", ".join(f"{name}={name}" for name in names)
    lines = [f"{name} = ...  # HOLE" for name in names]
    called = ".".join((*frame.view.classes, getattr(node, "name", "")))
    if frame.view.classes and "self" in frame.view.parameters:
        subject = snake(frame.view.classes[-1])
        lines.append(f"{subject} = {'.'.join(frame.view.classes)}(...)  # HOLE: how it was made")
        called = f"{subject}.{getattr(node, 'name', '')}"
    return "\n".join([*lines, f"{called}({arguments})"])


def _docstring(event: Event, expected: ExpectedFailure, width: int) -> list[str]:
    kind = expected.type.rpartition(".")[2]
    where = f"Seen in {_plain(event.release)}" if event.release else "Seen"
    way = " -> ".join(_function(point) for point in expected.points[-MOST_FRAMES:])
    crash = expected.points[-1]
    told = [
        f"{kind} in production: {redact(_plain(expected.message))}",
        f"{where} on {event.occurred_at:%Y-%m-%d} (event {_plain(event.id)[:12]}), by way of {way}, at",
    ]
    text = [line for part in told for line in textwrap.wrap(part, width, break_long_words=False)]
    lines = [
        '"""SKELETON, not a reproduction: fill the holes, then take the skip away.',
        "", *text, f"    {_plain(crash.line)}", '"""',
    ]  # fmt: skip
    return [f"r{lines[0]}", *lines[1:]] if any("\\" in item for item in lines) else lines


def _function(point: FailurePoint) -> str:
    return _plain(point.qualname.replace("<locals>.", ""))


def _holes(missing: tuple[str, ...], said: str) -> list[str]:
    holes = [redact(_plain(item)) for item in missing]
    more = [f"and {len(holes) - MOST_HOLES} more values"] if len(holes) > MOST_HOLES else []
    return [*holes[:MOST_HOLES], *more, *([said] if said else [])]


def _plain(text: str | None) -> str:
    """Outside text that may stand in a comment or a docstring."""
    return one_line(text or "", limit=120).replace('"""', "'''").rstrip('"\\')


def _path(root: Path, style: Style, name: str) -> str:
    stem = name.removeprefix("test_")[:60]
    for number in range(1, 100):
        tail = "" if number == 1 else f"_{number}"
        file = f"{stem}{tail}_test.py" if style.suffix_name else f"test_{stem}{tail}.py"
        path = f"{style.folder}/{file}" if style.folder else file
        if not (root / path).exists():
            return path
    return path
