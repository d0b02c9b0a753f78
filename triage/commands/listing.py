"""list and show."""

import argparse
import asyncio
import dataclasses
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from triage.commands.context import workspace
from triage.commands.output import print_json, say, show
from triage.domain.case import Case
from triage.domain.code_path import LocatedFrame
from triage.domain.issue import GROUPS, SORTS, Issue, IssueQuery, within
from triage.domain.outside import one_line
from triage.domain.report import Report
from triage.errors import UsageError
from triage.services.inspect import load_case
from triage.services.tend import me
from triage.services.workspace import Workspace

FRAMES_ABOVE, FRAMES_BELOW = 20, 40
"""How many frames of a long stack are shown: its entry, and what led to the crash."""


def ls(options: argparse.Namespace) -> int:
    """`triage list [QUERY...]`: a view or a filter, sorted and grouped; with --json a list of issues,
    or with --group-by of groups with theirs."""
    here = workspace(options)
    if options.views:
        return _show_views(here, options)
    query = _query(here, options)
    if query.group:
        return _show_groups(here, query, options)
    issues = listed(here, query, options.limit)
    if options.json:
        print_json(issues)
        return 0
    for issue in issues:
        show(line(issue))
    total = here.store.count(_countable(query))
    if total > len(issues):
        show(f"... {total - len(issues)} more (--limit {total})")
    elif not issues:
        show("no issues here; `triage serve` receives them, `triage import FILE` reads them, `triage demo` shows some")
    return 0


def _query(here: Workspace, options: argparse.Namespace) -> IssueQuery:
    """What view, filter and options ask for together. Raises UsageError for words that mean nothing."""
    from triage.domain.query import parse
    from triage.domain.views import PRESETS, view_named, views_of
    from triage.services.tend import known_values

    line = " ".join(options.query)
    view = PRESETS[0] if options.view is None else view_named(options.view, views_of(here.config.views))
    known = known_values(here) if ":" in line + view.line else None
    who = asyncio.run(me(here)) if "me" in line + view.line else None
    parsed = parse(line, view.parsed(who, known).query, who, known)
    wrong = [mistake.text for mistake in parsed.mistakes if mistake.passed_over]
    if wrong:
        raise UsageError("that filter cannot be read", "; ".join(wrong), "see triage list --help")
    for mistake in parsed.mistakes:
        say(f"note: {mistake.text}")
    query = parsed.query
    if options.sort:
        query = dataclasses.replace(query, sort=options.sort)
    return dataclasses.replace(query, group=options.group_by) if options.group_by else query


def _countable(query: IssueQuery) -> IssueQuery:
    return dataclasses.replace(query, sort=SORTS[0], group="")


def listed(here: Workspace, query: IssueQuery, limit: int) -> list[Issue]:
    """The first issues of a query, whatever its order."""
    if query.sort not in GROUPS:
        return here.store.page(query, limit)
    found: list[Issue] = []
    for group in here.store.groups(_countable(query), query.sort):
        found += here.store.page(within(query, query.sort, group.value), limit - len(found))
        if len(found) >= limit:
            break
    return found


def _show_groups(here: Workspace, query: IssueQuery, options: argparse.Namespace) -> int:
    groups = here.store.groups(_countable(query), query.group)
    parts = [(group, listed(here, within(query, query.group, group.value), options.limit)) for group in groups]
    if options.json:
        print_json([{"group": group.value or None, "count": group.count, "issues": issues} for group, issues in parts])
        return 0
    for group, issues in parts:
        name = one_line(group.value, limit=200) if group.value else f"no {query.group}"
        show(f"{name}: {group.count} {'issue' if group.count == 1 else 'issues'}")
        for issue in issues:
            show(f"  {line(issue)}")
        if group.count > len(issues):
            show(f"  ... {group.count - len(issues)} more")
    if not groups:
        show("no issues here")
    return 0


def _show_views(here: Workspace, options: argparse.Namespace) -> int:
    from triage.domain.views import views_of

    views = views_of(here.config.views)
    if options.json:
        print_json(views)
        return 0
    width = max(len(view.name) for view in views)
    for view in views:
        show(f"{one_line(view.name):<{width}}  {one_line(view.line)}{'  (yours)' if view.own else ''}")
    return 0


def line(issue: Issue) -> str:
    """One issue on one line: id, level, count, age, marks, title, place."""
    marks = [
        word
        for word, on in (
            ("new", not issue.seen),
            ("regressed", issue.regressed),
            ("uncovered", issue.covered is False),
            (f"draft {issue.draft}", issue.draft is not None),
            (str(issue.publication), issue.publication is not None),
        )
        if on
    ]
    said = f" [{', '.join(marks)}]" if marks else ""
    title = one_line(issue.title, limit=100)
    return (
        f"{issue.short_id:<7} {issue.level:<7} {issue.count:>6}x  {ago(issue.last_seen):>4}  "
        f"{title}  ({one_line(issue.culprit, limit=80)}){said}"
    )


def ago(when: datetime, now: datetime | None = None) -> str:
    """How long ago, in one unit: 5s, 12m, 3h, 4d."""
    seconds = max(0, int(((now or datetime.now(UTC)) - when).total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def show_case(options: argparse.Namespace) -> int:
    """`triage show ISSUE`: what the issue screen shows, as text or JSON."""
    here = workspace(options)
    case = asyncio.run(load_case(here, options.issue))
    if options.json:
        print_json(case)
    else:
        reports = here.store.reports(case.issue.id)
        for line in (*describe(case), *_reports(reports)):
            show(" " * (len(line) - len(line.lstrip(" "))) + one_line(line))
    return 0


def describe(case: Case) -> Iterator[str]:
    """The case in lines of text."""
    issue, event, path = case.issue, case.event, case.code_path
    yield f"{issue.short_id}  {one_line(issue.title, limit=300)}"
    release = f" since {issue.first_release}" if issue.first_release else ""
    yield f"{issue.status}, {issue.level}, seen {issue.count}x{release}, last {ago(issue.last_seen)} ago"
    yield f"inputs: {case.fidelity}" + (f" (missing: {', '.join(case.missing[:8])})" if case.missing else "")
    if path.suspect:
        suspect = path.suspect
        sure = f"{suspect.confidence:.0%}: {suspect.reason}"
        yield f"suspect: {suspect.commit[:8]} by {suspect.author}: {suspect.summary} ({sure})"
    yield from (f"note: {warning}" for warning in path.warnings)
    yield ""
    yield "Stack (crash last)"
    left_out = len(path.frames) - FRAMES_ABOVE - FRAMES_BELOW
    for position, frame in enumerate(path.frames):
        if left_out <= 0 or not FRAMES_ABOVE <= position < FRAMES_ABOVE + left_out:
            yield from _frame(frame)
        elif position == FRAMES_ABOVE:
            yield f"  ... {left_out} frames left out; --json has them all"
    if not path.frames:
        yield "  the event carries no stack"
    if event.request:
        yield ""
        yield f"Request: {event.request.method} {event.request.url}"
    yield ""
    yield f"Covering tests: {len(case.covering) or 'none'}"
    for test in case.covering[:20]:
        yield f"  {test.node_id}  ({test.source}{', stale' if test.stale else ''})"
    yield ""
    yield f"Drafts: {len(case.drafts) or f'none; triage draft {issue.short_id} makes one'}"
    for draft in case.drafts:
        evidence = case.evidence.get(draft.id)
        yield f"  {draft.id}  {draft.strategy}  {draft.node_id}: {evidence.line if evidence else 'not run yet'}"
    for publication in case.publications:
        state = "undone" if publication.undone else (publication.url or publication.branch)
        yield f"Published {publication.id}: {state}"


def _reports(reports: Sequence[Report]) -> Iterator[str]:
    if reports:
        yield ""
        yield f"Reports: {len(reports)} (triage report ls T-{reports[0].issue_id} has them in full)"
    for report in reports[:10]:
        yield f"  {report.id}  {ago(report.added_at)} ago by {report.who}: {one_line(report.title, limit=120)}"


def _frame(located: LocatedFrame) -> Iterator[str]:
    frame = located.frame
    if not located.in_checkout:
        note = located.note or "not in the checkout"
        yield f"  ~ {one_line(frame.path, limit=120)}:{frame.lineno} in {frame.function}  ({note})"
        return
    moved = f" (now line {located.head_line})" if located.head_line not in (None, located.release_line) else ""
    yield f"  > {located.path}:{located.release_line}{moved} in {located.qualname or frame.function}  [{located.match}]"
    if frame.context_line:
        yield f"      {one_line(frame.context_line, limit=160)}"
    for name, value in list((frame.variables or {}).items())[:10]:
        yield f"      {name} = {one_line(str(value), limit=120)}"
