"""The tab of an issue that holds the chosen frame's values in full, and whose code it is."""

from __future__ import annotations

from datetime import UTC, datetime

from triage.tui.issue_facts import Facts, heading, told, told_wrapped
from triage.tui.text import Clean, clean, fit, wrap
from triage.tui.widgets.line_view import BLANK, Line, line
from triage.tui.widgets.preview import shown_value
from triage.tui.wording import ago

MOST = 100
ROWS = 12
"""Lines that one value takes at most."""


def values(facts: Facts, cells: int, rows: int) -> list[Line]:
    """The values of the frame when it failed, then who touched its line last and who owns it."""
    frame = facts.frame
    if frame is None:
        return [told("no frame is chosen")]
    return [*_values(facts, cells), *_people(facts, cells)]


def _values(facts: Facts, cells: int) -> list[Line]:
    assert facts.frame is not None
    found = facts.frame.variables
    if found is None:
        return [told("no values were sent for this frame")]
    if not found:
        return [told("this frame had no local values")]
    name = (facts.located.qualname if facts.located else None) or facts.frame.function
    lines = [line((clean(f" values in {name} when it failed", 200), "head"))]
    name_width = min(24, max(len(name) for name in found))
    for name, value in list(found.items())[:MOST]:
        shown = clean(name, 60)
        parts = wrap(clean(shown_value(value, 4_000), 4_000), max(16, cells - name_width - 6), ROWS)
        for place, part in enumerate(parts):
            head = fit(shown, name_width) if place == 0 else Clean(" " * name_width)
            sign = Clean(" = " if place == 0 else "   ")
            lines.append(line((Clean(" "), "text"), (head, "name"), (sign, "faint"), (part, "value")))
    if len(found) > MOST:
        lines.append(told(f"{len(found) - MOST} more"))
    return lines


def _people(facts: Facts, cells: int) -> list[Line]:
    located = facts.located
    if located is None:
        return []
    lines: list[Line] = []
    if (blame := located.blame) is not None:
        when = ago(blame.when, datetime.now(UTC))
        words = f"last changed {when} by {blame.author} in {blame.commit[:7]}: {blame.summary}"
        lines += told_wrapped(words, cells)
    if located.owners:
        lines += told_wrapped(f"owned by {', '.join(located.owners)}", cells)
    return [BLANK, heading("the line that failed"), *lines] if lines else []
