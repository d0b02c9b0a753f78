"""What the preview says of an issue: error, crashing line with its values, standing, next step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from triage.domain.issue import Group, Issue
from triage.tui.columns import level_sign
from triage.tui.glyphs import GLYPHS
from triage.tui.text import Clean, clean, fit, fit_end, width, wrap
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import BLANK, Line, line
from triage.tui.wording import ago, next_step, plural, standing_words

if TYPE_CHECKING:
    from triage.domain.case import Case
    from triage.domain.code_path import CoveringTest, SuspectCommit
    from triage.domain.event import Event, Frame, Json, Raised

VALUES = 8
SMALL = 9
"""A preview of so few rows leaves out what the list says already."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the checkout knows of an issue; `note` says why it knows nothing."""

    covering: tuple[CoveringTest, ...] = ()
    suspect: SuspectCommit | None = None
    in_checkout: bool = False
    note: str = ""

    @classmethod
    def of(cls, case: Case) -> Look:
        """The part of a case that the preview shows."""
        unread = case.code_path.commit is None and case.code_path.warnings
        note = case.code_path.warnings[0] if unread else ""
        return cls(case.covering, case.code_path.suspect, case.code_path.crash is not None, note)


def preview_lines(
    issue: Issue, event: Event | None, cells: int, rows: int, note: str = "", look: Look | None = None
) -> list[Line]:
    """The preview in at most `rows` lines of `cells`: first what must be seen, then what has room.

    `event` is None while it is being read; `note` says why it cannot be. `look` is None while
    the checkout is being asked.
    """
    crash = event.crash if event else None
    if look is not None and look.in_checkout:
        issue = replace(issue, covered=bool(look.covering))  # the list says so a moment later
    lines = _title(issue, event, crash, cells, 3 if rows > 12 else 1)
    lines += _joined(standing_words(issue), cells)
    if rows > SMALL or crash is None:
        lines += _facts(issue, datetime.now(UTC), cells, 2 if rows > 12 else 1)
    if note:
        lines.append(line((clean(note, 300), "warn")))
    step = wrap(Clean(next_step(issue)), max(8, cells - 2), 2 if rows > SMALL else 1)
    after = [line((Clean("  " if at else f"{GLYPHS.arrow} "), "key"), (part, "name")) for at, part in enumerate(step)]
    if crash is not None and rows > 5:
        after = [*(_look_lines(look, cells) if rows > SMALL else _look_line(look)), *after]
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


def group_lines(group: Group, by: str, cells: int) -> list[Line]:
    """What the preview says of a group's heading."""
    name = clean(group.value, 300) if group.value else Clean(f"no {by}")
    keys = (
        ("enter", "folds or unfolds the group"),
        ("F", "folds all groups"),
        ("}", "to the next, { to the one before"),
    )
    return [
        line((Clean(f"{by} "), "dim"), (fit(name, min(cells, width(name))), "strong")),
        line((Clean(plural(group.count, "issue")), "text")),
        BLANK,
        *(line((Clean(f"{key:<6}"), "key"), (Clean(label), "name")) for key, label in keys),
        line((Clean("space "), "key"), (Clean("marks its issues, up to a thousand"), "name")),
    ]


def _look_lines(look: Look | None, cells: int) -> list[Line]:
    """Covering tests and suspect commit, one line each; the same lines while they are looked for."""
    if look is None:
        return [_fact("tests", [(Clean("looking ..."), "faint")]), _fact("suspect", [(Clean("looking ..."), "faint")])]
    if not look.in_checkout:
        why = look.note or "none: no frame of this stack is in the checkout"
        return [_fact("tests", [(clean(why, 300), "dim")])]
    if look.covering:
        nearest = look.covering[0]
        more = f" and {len(look.covering) - 1} more" if len(look.covering) > 1 else ""
        name = clean(nearest.node_id, 300)
        shown = fit_end(name, min(width(name), max(12, cells - 9 - len(more))))
        tests: list[Run] = [(shown, "name"), (Clean(more), "dim")]
        if nearest.stale:
            tests.append((Clean(" (index is older than the file)"), "warn"))
    else:
        tests = [(Clean("none runs this code"), "warn")]
    if (suspect := look.suspect) is None:
        return [_fact("tests", tests), _fact("suspect", [(Clean("no commit stands out"), "dim")])]
    who = clean(f"{suspect.commit[:7]} by {suspect.author}, {ago(suspect.when, datetime.now(UTC))}: ", 120)
    return [_fact("tests", tests), _fact("suspect", [(who, "warn"), (clean(suspect.summary, 200), "text")])]


def _look_line(look: Look | None) -> list[Line]:
    """The same in one line, for a small preview."""
    if look is None or not look.in_checkout:
        return [_fact("tests", [(Clean("looking ..." if look is None else "not in this checkout"), "faint")])]
    tests = f"{len(look.covering)} run this code" if look.covering else "none runs this code"
    runs: list[Run] = [(Clean(tests), "name" if look.covering else "warn")]
    if (suspect := look.suspect) is not None:
        who = clean(f"{suspect.commit[:7]} by {suspect.author}, {ago(suspect.when, datetime.now(UTC))}", 120)
        runs += [(Clean(f" {GLYPHS.dot} suspect "), "head"), (who, "warn")]
    return [_fact("tests", runs)]


def _fact(name: str, runs: list[Run]) -> Line:
    return line((Clean(f"{name:<8}"), "head"), *runs)


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


def _facts(issue: Issue, now: datetime, cells: int, most: int) -> list[Line]:
    parts = [issue.short_id, plural(issue.count, "event")]
    if issue.users:
        parts.append(plural(issue.users, "user"))
    parts += [f"last {ago(issue.last_seen, now)}", f"first {ago(issue.first_seen, now)}"]
    if issue.first_release:
        parts.append(f"since {issue.first_release}")
    if issue.service:
        parts.append(issue.service)
    return _joined([(part, "dim") for part in parts], cells)[:most]


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
