"""The tabs of an issue for what we know of it: reports, similar issues, drafts, history."""

from __future__ import annotations

from datetime import UTC, datetime

from triage.domain.report import Report
from triage.domain.verdict import Evidence
from triage.tui.columns import level_sign
from triage.tui.glyphs import GLYPHS
from triage.tui.issue_facts import MOST, DraftKey, Facts, IssueKey, heading, told, told_wrapped
from triage.tui.text import Clean, clean, clean_lines, fit, wrap
from triage.tui.widgets.line_view import BLANK, Line, line
from triage.tui.wording import ago, plural, status_words

MOST_REPORT_LINES = 40


def reports(facts: Facts, cells: int, rows: int) -> list[Line]:
    """What customers said, the newest first; strangers wrote it."""
    if facts.reports is None:
        return [told("reading …")]
    if not facts.reports:
        issue = facts.issue.short_id if facts.issue else "T-1"
        return [
            told("no customer's report is linked to this issue"),
            *told_wrapped(f"triage report add {issue} --file TICKET.md links one", cells),
        ]
    now = datetime.now(UTC)
    lines: list[Line] = []
    for report in facts.reports[:30]:
        lines += [BLANK] if lines else []
        lines += _report(report, cells, now)
    return lines


def _report(report: Report, cells: int, now: datetime) -> list[Line]:
    source = f" from {report.source}" if report.source else ""
    lines = [
        line(
            (clean(f" {report.title}", 200), "strong"),
            (clean(f"  {ago(report.added_at, now)} by {report.who}{source}", 200), "faint"),
        )
    ]
    said = report.said
    for name, text in (("type", said.type), ("impact", said.impact), ("environment", said.environment)):
        for place, part in enumerate(wrap(clean(text, 1_000), max(16, cells - 16), 4) if text else ()):
            head = fit(Clean(name if place == 0 else ""), 13)
            lines.append(line((Clean(" "), "text"), (head, "dim"), (part, "text")))
    for name, text in (("", _without_title(report)), ("steps", said.steps)):
        if text:
            lines += [heading(name)] if name else []
            for piece in clean_lines(text, 1_000, MOST_REPORT_LINES):
                lines += [line((Clean(" "), "text"), (part, "text")) for part in wrap(piece, max(16, cells - 3), 6)]
    return lines


def _without_title(report: Report) -> str:
    """What was said, without the line that stands above it already."""
    first, _, rest = report.said.text.partition("\n")
    return rest.strip() if first.strip("#*_ \t") == report.title else report.said.text


def similar(facts: Facts, cells: int, rows: int) -> list[Line]:
    """Other issues like this one, the nearest first, and what they share."""
    if facts.similar is None:
        return [told("looking for issues like this one …")]
    if not facts.similar:
        return [told("no other issue fails in the same function, or with the same error in the same file")]
    now = datetime.now(UTC)
    lines: list[Line] = []
    for item in facts.similar:
        issue = item.issue
        sign, ink = level_sign(issue.level, GLYPHS)
        lines.append(
            line(
                (Clean(f" {sign} "), ink),
                (fit(clean(issue.short_id, 20), 7), "accent"),
                (clean(f" {issue.title}", 200), "text"),
                key=IssueKey(issue.id),
            )
        )
        standing = f"{status_words(issue)}, {plural(issue.count, 'event')}, last {ago(issue.last_seen, now)}"
        lines.append(line((clean(f"   {item.why}", 200), "name"), (clean(f"  {standing}", 200), "dim")))
    return [*lines, BLANK, line((Clean(" enter "), "key"), (Clean("opens it"), "dim"))]


def drafts(facts: Facts, cells: int, rows: int) -> list[Line]:
    """Our drafts with what happened when they ran, and what was sent."""
    case = facts.case
    if case is None:
        return [told("loading …")]
    lines: list[Line] = []
    for draft in reversed(case.drafts):
        evidence = case.evidence.get(draft.id, Evidence())
        sign, ink = (GLYPHS.proven, "good") if evidence.reproduces else (GLYPHS.draft, "warn")
        lines.append(
            line(
                (Clean(f" {sign} "), ink),
                (clean(f"#{draft.id} {draft.strategy}", 40), "strong"),
                (clean(f"  {evidence.line}", 300), ink if evidence.before else "dim"),
                key=DraftKey(draft.id),
            )
        )
        lines.append(line((clean(f"   {draft.node_id}", 300), "dim")))
        if draft.note:
            lines.append(line((clean(f"   {draft.note}", 300), "dim")))
    if not lines:
        lines.append(
            line((Clean(" no draft yet. d "), "key"), (Clean("drafts a test that fails as production did"), "text"))
        )
    else:
        lines.append(line((Clean(" enter "), "key"), (Clean("reviews the draft"), "dim")))
    for publication in case.publications:
        state = "undone" if publication.undone else (publication.url or publication.branch)
        sign = f" {GLYPHS.pull} "
        lines.append(line((Clean(sign), "faint" if publication.undone else "accent"), (clean(state, 300), "text")))
        if publication.following is not None and not publication.undone:
            from triage.domain.following import in_words

            lines.append(line((clean(f"   {in_words(publication.following)}", 300), "dim")))
    lines += [BLANK, line((clean(f" captured inputs: {case.fidelity}", 100), "dim"))]
    if case.missing:
        lines += told_wrapped(f"missing: {', '.join(case.missing)}", cells)
    return lines


def history(facts: Facts, cells: int, rows: int) -> list[Line]:
    """What was done to the issue and by whom, the latest first."""
    if facts.history is None:
        return [told("reading …")]
    now = datetime.now(UTC)
    lines = [
        line(
            (fit(Clean(f" {ago(item.when, now)}"), 11), "dim"),
            (fit(clean(item.who, 60), 14), "name"),
            (clean(f" {item.what}", 300), "text"),
        )
        for item in list(facts.history)[:MOST]
    ]
    if facts.issue is not None:
        first = facts.issue.first_seen
        where = f" in {facts.issue.first_release}" if facts.issue.first_release else ""
        lines.append(
            line(
                (fit(Clean(f" {ago(first, now)}"), 11), "dim"),
                (fit(Clean("production"), 14), "name"),
                (clean(f" first seen{where}", 300), "text"),
            )
        )
    return lines or [told("nothing was done to it yet")]
