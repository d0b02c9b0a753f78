"""The source of a frame for its panel: the whole file from the checkout, else what was sent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage.domain.code_path import LocatedFrame, Match
from triage.domain.event import Frame, Json
from triage.services.source_text import Side, SourceText, as_sent
from triage.tui.ink_lines import InkedFile, visible
from triage.tui.text import Clean, clean, width, wrap
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import Line, line
from triage.tui.widgets.preview import shown_value
from triage.tui.widgets.source_view import GHOST, Margin, SourceLines, gutter

MOST_BELOW = 5
FUNCTION = 400
"""Lines above the crash in which the names of values are looked for."""
_IDENTIFIER = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True, eq=False)
class CheckoutLines(SourceLines):
    """A file of the checkout, with what is known of each line."""

    text: SourceText | None = None

    def margin(self, number: int) -> Margin:
        assert self.text is not None
        text = self.text
        ran = text.ran(number).value
        if not text.two_sides or text.other is None:
            return Margin(ran)
        there = text.elsewhere(number)
        side = "at HEAD" if text.side is Side.RELEASE else "in the release"
        if there is None:
            return Margin(ran, "~" if text.side is Side.RELEASE else "+", _gone(text.side))
        shift = text.shifts.get(number)
        if shift is not None:
            return Margin(ran, "", f"line {there} {side}, and all below {'+' if shift > 0 else ''}{shift}")
        if number == text.line and there != number:
            return Margin(ran, "", f"line {there} {side}")
        return Margin(ran)


def _gone(side: Side) -> str:
    return "changed or gone at HEAD" if side is Side.RELEASE else "new or changed since the release"


def source_title(frame: Frame, located: LocatedFrame | None) -> str:
    """`path:line in function`, as found in the checkout where it was."""
    path = (located.path if located else None) or frame.path
    number = (located.release_line if located else None) or frame.lineno
    name = (located.qualname if located else None) or frame.function
    return f"{path}:{number or '?'} in {name}"


def side_words(text: SourceText) -> str:
    """Which version of the file is shown, for the panel's title."""
    word = f"{text.side} " if text.two_sides else ""
    return f"{word}{text.commit[:7]}"


def checkout_lines(frame: Frame, located: LocatedFrame, text: SourceText, cells: int) -> CheckoutLines:
    """The whole file, the frame's values behind the lines that name them."""
    lines = text.text.lines
    ghosts = _ghosts(lines, 1, text.line, _start(located, text), frame.variables or {})
    return CheckoutLines(
        inked=InkedFile(text.text, text.path.endswith((".py", ".pyi", ".pyx"))),
        lines=lines,
        crash=text.line,
        notes=tuple(_notes(located, text, cells)),
        ghosts=ghosts,
        below=_below(lines, 1, text.line, ghosts, cells),
        text=text,
    )


def test_lines(text: SourceText) -> CheckoutLines:
    """A test's file."""
    return CheckoutLines(inked=InkedFile(text.text), lines=text.text.lines, text=text)


def sent_lines(frame: Frame, located: LocatedFrame | None, cells: int, why: str = "") -> SourceLines:
    """What the event carries of the frame's source; `why` says why there is no more."""
    first, text, number = as_sent(frame)
    notes = []
    if why:
        notes.append((why, "warn"))
    elif located is not None and located.match is Match.MISSING:
        reason = f": {located.note}" if located.note and "checkout" not in located.note else ""
        notes.append((f"not in this checkout{reason}; as it was sent:", "warn"))
    if not text.lines:
        notes.append(("the source was not sent", "dim"))
    ghosts = _ghosts(text.lines, first, number, first, frame.variables or {})
    return SourceLines(
        inked=InkedFile(text, not frame.path.endswith((".html", ".jinja", ".j2", ".txt"))),
        lines=text.lines,
        first=first,
        crash=number,
        notes=tuple(_wrapped(notes, cells)),
        ghosts=ghosts,
        below=_below(text.lines, first, number, ghosts, cells),
    )


def _start(located: LocatedFrame, text: SourceText) -> int:
    """The first line of the frame's function, on the side that is shown."""
    start = located.excerpt_start
    if text.side is Side.HEAD and located.release_line and text.line:
        start += text.line - located.release_line
    return max(1, start)


def _ghosts(
    lines: Sequence[str], first: int, crash: int | None, start: int, values: Mapping[str, Json]
) -> dict[int, list[tuple[str, str]]]:
    """The values by the line that they belong to."""
    if crash is None or not values:
        return {}
    start = max(start, crash - FUNCTION, first)
    part = lines[start - first : crash - first + 1]
    places = ghost_places(part, start, crash, values)
    return {at: [(name, shown_value(values[name], 200)) for name in names] for at, names in places.items()}


def _below(
    lines: Sequence[str], first: int, crash: int | None, ghosts: dict[int, list[tuple[str, str]]], cells: int
) -> tuple[Line, ...]:
    """The values of the line that failed, under it, where they have no room beside it; then they
    are taken out of `ghosts`."""
    values = ghosts.get(crash, []) if crash is not None else []
    if crash is None or not values or not first <= crash < first + len(lines):
        return ()
    code = visible(lines[crash - first])
    left = gutter(first + len(lines) - 1)
    beside = left + len(code) + sum(3 + min(GHOST, len(name) + 3 + len(value)) for name, value in values)
    if beside <= cells:
        return ()
    del ghosts[crash]
    indent = min(left + len(code) - len(code.lstrip()), cells // 3)
    made: list[Line] = []
    runs: list[Run] = []
    used = 0
    for name, value in sorted(values, key=lambda item: len(item[1])):
        text = clean(f"{name} = {value}", cells - indent - 2)
        if runs and used + 3 + width(text) > cells - indent - 1:
            made.append(line((Clean(" " * indent), "text"), *runs))
            runs, used = [], 0
        runs += [(Clean("   " if runs else ""), "text"), (text, "value")]
        used += width(text) + 3
    made.append(line((Clean(" " * indent), "text"), *runs))
    return tuple(made[:MOST_BELOW])


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


def _notes(located: LocatedFrame, text: SourceText, cells: int) -> list[Line]:
    notes: list[tuple[str, str]] = []
    if located.match is Match.AMBIGUOUS:
        notes.append((located.note or "several files could be this one", "warn"))
    elif located.match is Match.MOVED and located.note:
        notes.append((located.note, "warn"))
    if text.two_sides and text.side is Side.RELEASE:
        if located.head_path is None:
            notes.append(("this file is gone at HEAD", "warn"))
        elif located.head_line is None:
            notes.append(("the line that failed was changed or removed since: v shows HEAD", "warn"))
        elif located.head_line != located.release_line:
            notes.append((f"moved since the release: the line that failed is {located.head_line} at HEAD", "warn"))
    elif text.two_sides and text.line is None:
        notes.append(("the line that failed is not here any more: v shows the release", "warn"))
    return _wrapped(notes, cells)


def _wrapped(notes: Sequence[tuple[str, str]], cells: int) -> list[Line]:
    return [
        line((Clean(f" {part}"), ink)) for text, ink in notes for part in wrap(clean(text, 400), max(20, cells - 2), 2)
    ]
