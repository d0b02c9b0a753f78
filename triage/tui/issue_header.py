"""The lines over an issue: what broke, where it stands in words, what to do next, who is the suspect."""

from __future__ import annotations

from datetime import UTC, datetime

from triage.domain.case import Case
from triage.domain.event import Event
from triage.domain.issue import Issue
from triage.tui.columns import level_sign
from triage.tui.glyphs import GLYPHS
from triage.tui.text import Clean, clean, width, wrap
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import Line, line
from triage.tui.wording import ago, case_words, next_here, plural, standing_words

FACTS_FROM = 6
"""A header of so many rows says how often and when; below that the title line does."""


def header_rows(height: int) -> int:
    """How many lines the header may take on a screen of so many."""
    return 3 if height < 20 else (4 if height < 30 else 6)


def header_lines(
    issue: Issue, event: Event | None, case: Case | None, cells: int, rows: int, loading: str
) -> list[Line]:
    """At most `rows` lines: title, standing, what to do next, facts, suspect. `loading` says what
    is still missing."""
    words = case_words(case) if case is not None else standing_words(issue)
    apart = rows >= FACTS_FROM and case is None  # where the suspect will stand, so that nothing moves
    if loading and not apart:
        words.append((loading, "faint"))
    standing = _sentence(words, cells - 4, 2 if rows > 3 else 1)
    step = wrap(clean(next_here(issue, case), 300), max(10, cells - 6), 1)
    after = line((Clean(f"   {GLYPHS.arrow} "), "key"), (step[0], "name"))
    lines = [_title(issue, event), *standing, after]
    room = rows - len(lines)
    extra = [_facts(issue)] if room > 0 else []
    if room > 1:
        extra += _suspect(case) if case is not None else [line((clean(f"   {loading}", 120), "faint"))]
    # What to do next stands last, where the eye goes on to the panels.
    return [*lines[:-1], *extra[:room], after] if room > 0 else lines[:rows]


def _title(issue: Issue, event: Event | None) -> Line:
    sign, ink = level_sign(issue.level, GLYPHS)
    title = event.title if event is not None else issue.title
    kind, colon, message = clean(title, 400).partition(": ")
    return line((Clean(f" {sign} "), ink), (Clean(kind + colon), "strong"), (Clean(message), "text"))


def brief_facts(issue: Issue) -> list[str]:
    """How many and when in few words, what may be left out first."""
    users = [f"{plural(issue.users, 'user')}, "] if issue.users else []
    return [*users, f"{plural(issue.count, 'event')}, ", f"last {ago(issue.last_seen, datetime.now(UTC))} "]


def _facts(issue: Issue) -> Line:
    now = datetime.now(UTC)
    parts = [plural(issue.count, "event")]
    if issue.users:
        parts.append(plural(issue.users, "user"))
    parts += [f"last {ago(issue.last_seen, now)}", f"first {ago(issue.first_seen, now)}"]
    if issue.first_release:
        same = issue.last_release in (None, issue.first_release)
        parts.append(
            f"release {issue.first_release}" if same else f"releases {issue.first_release} to {issue.last_release}"
        )
    if issue.service:
        parts.append(issue.service)
    return line((clean(f"   {f' {GLYPHS.dot} '.join(parts)}", 400), "dim"))


def _suspect(case: Case) -> list[Line]:
    now = datetime.now(UTC)
    if (suspect := case.code_path.suspect) is not None:
        why = f"{suspect.reason}, {suspect.confidence:.0%} sure"
        return [
            line(
                (Clean("   suspect "), "warn"),
                (clean(f"{suspect.commit[:7]} ", 20), "accent"),
                (clean(suspect.summary, 120), "text"),
                (clean(f"  {suspect.author}, {ago(suspect.when, now)}; {why}", 300), "dim"),
            )
        ]
    if case.code_path.crash is None:
        why = case.code_path.warnings[0] if case.code_path.warnings else "none of its frames is a file of this repo"
        if any(frame.in_checkout for frames in case.code_path.causes for frame in frames):
            why = "it was raised outside this repo; what came before it, lower in the stack, is inside"
        return [line((clean(f"   {why}", 300), "warn"))]
    return []


def _sentence(words: list[tuple[str, str]], cells: int, most: int) -> list[Line]:
    """Words of different ink, with commas between them, on at most `most` lines."""
    lines: list[list[Run]] = [[]]
    used = 0
    for place, (word, ink) in enumerate(words):
        text = clean(word, 120)
        comma = Clean(", " if place + 1 < len(words) else "")
        size = width(text) + width(comma)
        if used and used + size > cells:
            if len(lines) == most:
                lines[-1].append((Clean(GLYPHS.ellipsis), "faint"))
                break
            lines.append([])
            used = 0
        lines[-1] += [(text, ink), (comma, "faint")]
        used += size
    return [line((Clean("   "), "text"), *runs) for runs in lines]
