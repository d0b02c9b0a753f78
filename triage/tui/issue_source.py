"""The source of one frame as lines: captured values as ghost text, coverage in the gutter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from triage.domain.code_path import CoveringTest, LocatedFrame, Match
from triage.domain.event import Frame, Json
from triage.tui.glyphs import GLYPHS
from triage.tui.python_ink import inked_source
from triage.tui.text import Clean, clean, fit, width, wrap
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import BLANK, Line, line
from triage.tui.widgets.preview import shown_value
from triage.tui.wording import ago

GHOST = 60
NUMBER = 5
_IDENTIFIER = re.compile(r"[^\W\d]\w*")


def source_title(frame: Frame, located: LocatedFrame | None) -> str:
    """`path:line in function`, as found in the checkout where it was."""
    path = (located.path if located else None) or frame.path
    number = (located.release_line if located else None) or frame.lineno
    name = (located.qualname if located else None) or frame.function
    return f"{path}:{number or '?'} in {name}"


def source_lines(
    frame: Frame, located: LocatedFrame | None, covering: Sequence[CoveringTest], cells: int
) -> tuple[list[Line], int]:
    """The frame's source with all its values, and the place of the crashing line in it."""
    lines = _notes(frame, located, cells)
    start, source, number = _excerpt(frame, located)
    values = dict(frame.variables or {})
    crash_at = len(lines)
    if not source:
        lines.append(line((Clean(" the source was not sent"), "dim")))
    covered = _covered(located, covering)
    ghosts = ghost_places(source, start, number, values)
    for place, runs in enumerate(inked_source("\n".join(source))[: len(source)]):
        at = start + place
        crashed = at == number
        if crashed:
            crash_at = len(lines)
        gutter: list[Run] = [
            (Clean(f"{at:>{NUMBER}}"), "bad" if crashed else "gutter"),
            (Clean(GLYPHS.bar if at in covered else " "), "covered"),
            (Clean(f"{GLYPHS.crash} " if crashed else "  "), "bad"),
        ]
        text = [*gutter, *runs]
        used = sum(width(piece) for piece, _ in text)
        beside = sorted(ghosts.get(at, []), key=lambda name: len(shown_value(values[name], 200)))
        for left, name in zip(range(len(beside), 0, -1), beside, strict=True):
            room = cells - used - 3
            if room < 8:
                break
            share = max(room // left, min(room, 24))
            ghost = fit(clean(f"{name} = {shown_value(values[name], 200)}", 200), min(share, GHOST)).rstrip()
            text.append((Clean("   " + ghost), "value"))
            used += width(Clean(ghost)) + 3
        lines.append(line(*text, ground="band" if crashed else ""))
    lines += _values(frame, values, cells)
    lines += _people(located, cells)
    return lines, crash_at


def ghost_places(
    source: Sequence[str], start: int, number: int | None, values: Mapping[str, Json]
) -> dict[int, list[str]]:
    """Line number to the names whose values belong beside it: the last line up to the crash
    that mentions them, each name once."""
    places: dict[int, list[str]] = {}
    left = set(values)
    last = number if number is not None else start + len(source) - 1
    for at in range(min(last, start + len(source) - 1), start - 1, -1):
        for name in _IDENTIFIER.findall(source[at - start][:400]):
            if name in left:
                left.discard(name)
                places.setdefault(at, []).append(name)
        if not left:
            break
    return places


def _excerpt(frame: Frame, located: LocatedFrame | None) -> tuple[int, list[str], int | None]:
    """First line number, lines, and the number of the line that crashed."""
    if located is not None and located.excerpt:
        return located.excerpt_start, list(located.excerpt), located.release_line or frame.lineno
    if frame.context_line is None:
        return 1, [], frame.lineno
    number = frame.lineno or len(frame.pre_context) + 1
    lines = [*frame.pre_context, frame.context_line, *frame.post_context]
    return max(1, number - len(frame.pre_context)), lines, number


def _notes(frame: Frame, located: LocatedFrame | None, cells: int) -> list[Line]:
    notes: list[tuple[str, str]] = []
    if located is not None:
        if located.match is Match.MISSING:
            why = f": {located.note}" if located.note and "checkout" not in located.note else ""
            notes.append((f"not in this checkout{why}; as it was sent:", "warn"))
        elif located.match is Match.AMBIGUOUS:
            notes.append((located.note or "several files could be this one", "warn"))
        elif located.head_line is None:
            notes.append(("this line is gone at HEAD", "warn"))
        elif located.head_line != located.release_line:
            notes.append((f"this line is {located.head_line} at HEAD", "warn"))
    lines = _wrapped(notes, cells)
    return [*lines, BLANK] if lines else []


def _people(located: LocatedFrame | None, cells: int) -> list[Line]:
    """Who touched the line last, and whose file it is."""
    notes: list[tuple[str, str]] = []
    if located is not None and (blame := located.blame) is not None:
        when = ago(blame.when, datetime.now(UTC))
        notes.append((f"last changed {when} by {blame.author} in {blame.commit[:7]}: {blame.summary}", "dim"))
    if located is not None and located.owners:
        notes.append((f"owned by {', '.join(located.owners)}", "dim"))
    return [BLANK, *_wrapped(notes, cells)] if notes else []


def _wrapped(notes: Sequence[tuple[str, str]], cells: int) -> list[Line]:
    return [
        line((Clean(f" {part}"), ink)) for text, ink in notes for part in wrap(clean(text, 400), max(20, cells - 2), 2)
    ]


def _covered(located: LocatedFrame | None, covering: Sequence[CoveringTest]) -> frozenset[int]:
    """Line numbers of the excerpt that tests run (the index speaks of HEAD)."""
    if located is None or located.path is None:
        return frozenset()
    shift = (located.release_line or 0) - (located.head_line or located.release_line or 0)
    return frozenset(at + shift for test in covering for path, at in test.lines if path == located.path)


def _values(frame: Frame, values: Mapping[str, Json], cells: int) -> list[Line]:
    if frame.variables is None:
        return [BLANK, line((Clean(" no values were sent for this frame"), "dim"))]
    if not values:
        return [BLANK, line((Clean(" this frame had no local values"), "dim"))]
    lines = [BLANK, line((Clean(" values when it failed"), "head"))]
    name_width = min(24, max(len(name) for name in values))
    for name, value in list(values.items())[:100]:
        indent = name_width + 4
        shown = clean(name, 60)
        parts = wrap(clean(shown_value(value, 1_000), 1_000), max(16, cells - indent - 2), 4)
        for place, part in enumerate(parts):
            head = fit(shown, name_width) if place == 0 else Clean(" " * name_width)
            lines.append(
                line(
                    (Clean(" "), "text"),
                    (head, "name"),
                    (Clean(" = " if place == 0 else "   "), "faint"),
                    (part, "value"),
                )
            )
    if len(values) > 100:
        lines.append(line((Clean(f" {len(values) - 100} more"), "dim")))
    return lines
