"""An issue as text to take along: into a chat, a ticket, a commit message."""

from __future__ import annotations

from triage.domain.case import Case
from triage.domain.event import Event, Raised
from triage.domain.issue import Issue

FRAMES = 60


def report(issue: Issue, event: Event | None, case: Case | None = None) -> str:
    """Markdown: title, facts, traceback, and what the checkout told. Not redacted yet."""
    lines = [f"**{issue.title}** ({issue.short_id})", ""]
    lines.append(f"{issue.count} events, {issue.users} users, last seen {issue.last_seen:%Y-%m-%d %H:%M} UTC")
    if issue.first_release:
        lines.append(f"first release {issue.first_release}, last {issue.last_release or issue.first_release}")
    if case is not None and (suspect := case.code_path.suspect) is not None:
        lines.append(f"suspect commit {suspect.commit[:10]} by {suspect.author}: {suspect.reason}")
    if case is not None:
        for draft in case.drafts:
            evidence = case.evidence.get(draft.id)
            lines.append(f"draft {draft.node_id}: {evidence.line if evidence else 'not run yet'}")
    if event is not None:
        lines += ["", "```", *traceback_lines(event), "```"]
    return "\n".join(lines) + "\n"


def traceback_lines(event: Event) -> list[str]:
    """The event's exceptions as Python prints them, causes first."""
    lines: list[str] = []
    for place, raised in enumerate(event.exceptions):
        if place:
            lines += ["", "During handling of this, or because of it:", ""]
        lines += _one(raised)
    return lines or [event.message]


def _one(raised: Raised) -> list[str]:
    lines = ["Traceback (most recent call last):"]
    for frame in raised.frames[-FRAMES:]:
        lines.append(f'  File "{frame.path}", line {frame.lineno or "?"}, in {frame.function}')
        if frame.context_line:
            lines.append(f"    {frame.context_line.strip()}")
    return [*lines, f"{raised.qualified}: {raised.value}"]
