"""The lines over an issue: what broke, where it stands in words, who is the suspect."""

from __future__ import annotations

from datetime import UTC, datetime

from triage.domain.case import Case
from triage.domain.event import Event
from triage.domain.issue import Issue
from triage.tui.columns import level_sign
from triage.tui.glyphs import GLYPHS
from triage.tui.text import Clean, clean, width
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import Line, line
from triage.tui.wording import ago, case_words, plural, standing_words

HEIGHT = 4


def header_lines(
    issue: Issue, event: Event | None, case: Case | None, cells: int, rows: int, loading: str
) -> list[Line]:
    """At most `rows` lines: title, standing, facts, suspect. `loading` says what is still missing."""
    sign, ink = level_sign(issue.level, GLYPHS)
    title = event.title if event is not None else issue.title
    kind, colon, message = clean(title, 400).partition(": ")
    head = line((Clean(f" {sign} "), ink), (Clean(kind + colon), "strong"), (Clean(message), "text"))
    words = case_words(case) if case is not None else standing_words(issue)
    if rows > 3:
        words = [pair for pair in words if not pair[0].startswith("suspect ")]  # has a line of its own
    if loading:
        words.append((loading, "faint"))
    standing = line((Clean("   "), "text"), *_dotted(words, cells - 4))
    now = datetime.now(UTC)
    parts = [issue.short_id, plural(issue.count, "event")]
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
    facts = line((clean(f"   {f' {GLYPHS.dot} '.join(parts)}", 400), "dim"))
    lines = [head, standing, facts]
    if case is not None and (suspect := case.code_path.suspect) is not None:
        why = f"{suspect.reason}, {suspect.confidence:.0%} sure"
        lines.append(
            line(
                (Clean("   suspect "), "warn"),
                (clean(f"{suspect.commit[:7]} ", 20), "accent"),
                (clean(suspect.summary, 120), "text"),
                (clean(f"  {suspect.author}, {ago(suspect.when, now)}; {why}", 300), "dim"),
            )
        )
    elif case is not None and case.code_path.crash is None:
        why = case.code_path.warnings[0] if case.code_path.warnings else "none of its frames is a file of this repo"
        if any(frame.in_checkout for frames in case.code_path.causes for frame in frames):
            why = "it was raised outside this repo; what came before it, lower in the stack, is inside"
        lines.append(line((clean(f"   {why}", 300), "warn")))
    return lines[:rows]


def _dotted(words: list[tuple[str, str]], cells: int) -> list[Run]:
    runs: list[Run] = []
    used = 0
    for word, ink in words:
        text = clean(word, 120)
        size = width(text) + (3 if runs else 0)
        if used + size > cells and runs:
            break
        if runs:
            runs.append((Clean(f" {GLYPHS.dot} "), "faint"))
        runs.append((text, ink))
        used += size
    return runs
