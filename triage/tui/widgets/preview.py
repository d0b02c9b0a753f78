"""What the preview says of an issue: error, crashing line with its values, standing, next step."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from triage.domain.issue import Issue
from triage.tui.columns import level_sign
from triage.tui.glyphs import GLYPHS
from triage.tui.text import Clean, clean, fit_end, width, wrap
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import BLANK, Line, line
from triage.tui.wording import ago, next_step, plural, standing_words

if TYPE_CHECKING:
    from triage.domain.event import Event, Frame, Json, Raised

VALUES = 8


def preview_lines(issue: Issue, event: Event | None, cells: int, rows: int, note: str = "") -> list[Line]:
    """The preview in at most `rows` lines of `cells`: first what must be seen, then what has room.

    `event` is None while it is being read; `note` says why it cannot be.
    """
    crash = event.crash if event else None
    lines = _title(issue, event, crash, cells, 3 if rows > 12 else 1)
    lines += _joined(standing_words(issue), cells)
    lines.append(line(*_facts(issue, datetime.now(UTC))))
    if note:
        lines.append(line((clean(note, 300), "warn")))
    step = wrap(Clean(next_step(issue)), max(8, cells - 2), 2)
    after = [line((Clean("  " if at else f"{GLYPHS.arrow} "), "key"), (part, "name")) for at, part in enumerate(step)]
    room = rows - len(lines) - len(after)
    if crash is not None and room > 0:
        lines += _spaced(_crash_lines(crash, cells, room), room)
        room = rows - len(lines) - len(after)
        if room > 4:
            lines += _spaced(_stack_lines(crash, cells, room - 3), room)
            room = rows - len(lines) - len(after)
    if room > 0:
        lines.append(BLANK)
    return [*lines, *after][:rows]


def _spaced(lines: list[Line], room: int) -> list[Line]:
    """The lines with a blank one before them where there is room for it."""
    return [BLANK, *lines][:room] if len(lines) < room - 1 else lines[:room]


def _title(issue: Issue, event: Event | None, crash: Raised | None, cells: int, most: int) -> list[Line]:
    """Type and message on as many lines as they need, up to `most`."""
    sign, ink = level_sign(issue.level, GLYPHS)
    kind, message = (crash.type, crash.value) if crash else ("", event.message if event else "")
    title = f"{kind}: {message}" if kind and message else kind or message or issue.title
    parts = wrap(clean(title, 600), max(8, cells - 2), most)
    lines = [line((Clean("  "), "text"), (part, "text")) for part in parts]
    shown, colon, rest = parts[0].partition(": ") if kind else (parts[0], "", "")
    lines[0] = line((Clean(f"{sign} "), ink), (Clean(shown + colon), "strong"), (Clean(rest), "text"))
    return lines


def _stack_lines(crash: Raised, cells: int, most: int) -> list[Line]:
    """Who called it, the nearest first; libraries only counted."""
    shown: list[Line] = [line((Clean("called by"), "head"))]
    libraries = 0
    for frame in list(reversed(crash.frames))[1:200]:
        if not frame.in_app:
            libraries += 1
            continue
        where = clean(f"{frame.path}:{frame.lineno or '?'}", 200)
        shown.append(
            line((Clean("  "), "text"), (clean(frame.function, 60), "name"), (Clean("  "), "text"), (where, "dim"))
        )
    if libraries:
        shown.append(line((Clean(f"  {plural(libraries, 'library frame')}"), "faint")))
    return shown[:most] if len(shown) > 1 else []


def _facts(issue: Issue, now: datetime) -> list[Run]:
    parts = [plural(issue.count, "event")]
    if issue.users:
        parts.append(plural(issue.users, "user"))
    parts += [f"last {ago(issue.last_seen, now)}", f"first {ago(issue.first_seen, now)}"]
    if issue.first_release:
        parts.append(f"since {issue.first_release}")
    if issue.service:
        parts.append(issue.service)
    return [(Clean(f"{issue.short_id} {GLYPHS.dot} "), "dim"), (clean(f" {GLYPHS.dot} ".join(parts), 300), "dim")]


def _joined(words: list[tuple[str, str]], cells: int) -> list[Line]:
    """Words of different ink on as few lines as they need."""
    lines: list[Line] = []
    runs: list[Run] = []
    used = 0
    for word, ink in words:
        text = clean(word, 200)
        size = width(text) + (3 if runs else 0)
        if runs and used + size > cells:
            lines.append(line(*runs))
            runs, used = [], 0
        if runs:
            runs.append((Clean(f" {GLYPHS.dot} "), "faint"))
        runs.append((text, ink))
        used += size
    return [*lines, line(*runs)]


def _crash_lines(crash: Raised, cells: int, rows: int) -> list[Line]:
    frame = crash_frame(crash)
    if frame is None:
        return [line((Clean("no frames were sent"), "dim"))]
    where = clean(f"{frame.path}:{frame.lineno or '?'} in {frame.function}", 400)
    lines = [line((fit_end(where, min(cells, width(where))), "dim"))]
    number = frame.lineno or 0
    context = [
        *((number - len(frame.pre_context[-2:]) + at, text) for at, text in enumerate(frame.pre_context[-2:])),
        (number, frame.context_line or ""),
        *((number + 1 + at, text) for at, text in enumerate(frame.post_context[:1])),
    ]
    shown = [(at, text) for at, text in context if text.strip() and (rows > 6 or at == number)]
    indent = min((len(text) - len(text.lstrip()) for _, text in shown), default=0)
    for at, text in shown:
        crashed = at == number
        runs: list[Run] = [
            (Clean(f"{at or '':>5} "), "gutter"),
            (Clean(f"{GLYPHS.crash if crashed else ' '} "), "bad"),
            (clean(text[indent:], 500), "crash" if crashed else "dim"),
        ]
        lines.append(line(*runs, ground="band" if crashed else ""))
    room = rows - len(lines)
    for name, value in list((frame.variables or {}).items())[: min(VALUES, max(0, room))]:
        lines.append(
            line(
                (Clean("        "), "text"),
                (clean(name, 60), "value"),
                (Clean(" = "), "faint"),
                (clean(shown_value(value), 300), "value"),
            )
        )
    return lines


def crash_frame(crash: Raised) -> Frame | None:
    """The frame worth showing: the deepest of the program's own, else the deepest."""
    inside = [frame for frame in crash.frames if frame.in_app]
    frames = inside or list(crash.frames)
    return frames[-1] if frames else None


def shown_value(value: Json, limit: int = 300) -> str:
    """A captured value as one would read it: leaves are reprs already, containers JSON."""
    if isinstance(value, str):
        return value[:limit]
    if isinstance(value, dict):
        inner = ", ".join(f"{key}: {shown_value(item, 80)}" for key, item in list(value.items())[:20])
        return f"{{{inner}}}"[:limit]
    if isinstance(value, list | tuple):
        return f"[{', '.join(shown_value(item, 80) for item in list(value)[:20])}]"[:limit]
    return str(value)[:limit]
