"""The tabs of an issue as lines: tests, request, breadcrumbs, tags, drafts, history."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from triage.domain.case import Case
from triage.domain.code_path import Coverage, CoveringTest
from triage.domain.event import Event, Json, Request
from triage.domain.verdict import Evidence
from triage.tui.glyphs import GLYPHS
from triage.tui.text import Clean, clean, fit, wrap
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import BLANK, Line, line
from triage.tui.widgets.preview import shown_value
from triage.tui.wording import ago

MOST = 200


class Activity(Protocol):
    """One thing that was done to an issue (see `triage.store`)."""

    @property
    def when(self) -> datetime: ...
    @property
    def who(self) -> str: ...
    @property
    def what(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Facts:
    """What the tabs are made from; `case` is None until it is loaded."""

    event: Event
    case: Case | None = None
    history: Sequence[Activity] = ()


@dataclass(frozen=True, slots=True)
class TestKey:
    """A covering test."""

    node_id: str


@dataclass(frozen=True, slots=True)
class DraftKey:
    """A draft of ours."""

    id: int


def tests(facts: Facts, cells: int) -> list[Line]:
    """Existing tests that run this code, and how we know."""
    if facts.case is None:
        return [line((Clean(" looking for tests that run this code …"), "dim"))]
    covering = facts.case.covering
    if not covering:
        if facts.case.code_path.crash is None:
            return [line((Clean(" no frame is in this checkout, so no test can be found for it"), "dim"))]
        return [
            line((Clean(f" {GLYPHS.uncovered} no existing test runs this code."), "warn")),
            line((Clean(" d "), "key"), (Clean("drafts one that fails as production did"), "text")),
        ]
    lines = []
    for test in covering[:MOST]:
        name = clean(test.node_id, 400)
        lines.append(
            line(
                (Clean(f" {GLYPHS.yes} "), "good" if test.source is Coverage.CONTEXT else "dim"),
                (fit(_tail(name, cells - 34), max(10, cells - 34)), "text"),
                (Clean(f"  {_reach(test)}"), "dim"),
                (Clean(f"  {_how(test)}"), "warn" if test.stale or test.source is Coverage.STATIC else "faint"),
                key=TestKey(test.node_id),
            )
        )
    if all(test.source is Coverage.STATIC for test in covering):
        lines += [BLANK, line((Clean(" found by names and imports; `triage index` would know for sure"), "dim"))]
    return lines


def _reach(test: CoveringTest) -> str:
    return "runs it" if test.depth == 0 else f"{test.depth} above"


def _how(test: CoveringTest) -> str:
    return f"{test.source}{', file changed since' if test.stale else ''}"


def request(facts: Facts, cells: int) -> list[Line]:
    """The HTTP request that was being served."""
    sent = facts.event.request
    if sent is None:
        transaction = facts.event.transaction
        more = f" (transaction {transaction})" if transaction else ""
        return [line((clean(f" no HTTP request was being served{more}", 300), "dim"))]
    lines = [line((clean(f" {sent.method} ", 20), "accent"), (clean(sent.url, 600), "strong"))]
    for title, pairs in (("query", sent.query), ("headers", sent.headers), ("cookies", sent.cookies)):
        if pairs:
            lines += [BLANK, line((Clean(f" {title}"), "head"))]
            lines += _table([(name, value) for name, value in pairs[:MOST]], cells)
    lines += [BLANK, line((clean(f" body ({sent.body_state})"), "head"))]
    if sent.body is not None:
        lines += _json(sent.body, cells)
    return [*lines, BLANK, line((Clean(" y "), "key"), (Clean("copies it as curl"), "dim"))]


def breadcrumbs(facts: Facts, cells: int) -> list[Line]:
    """What the program did before, the latest first."""
    crumbs = facts.event.breadcrumbs
    if not crumbs:
        return [line((Clean(" no breadcrumbs were sent"), "dim"))]
    lines = []
    for crumb in list(reversed(crumbs))[:MOST]:
        ink = {"error": "bad", "fatal": "bad", "warning": "warn"}.get(crumb.level, "dim")
        message = crumb.message or ", ".join(f"{name}={shown_value(value, 80)}" for name, value in crumb.data.items())
        lines.append(
            line(
                (fit(clean(_clock(crumb.timestamp), 20), 9), "faint"),
                (fit(clean(crumb.category or crumb.level, 60), 14), ink),
                (clean(f" {message}", 600), "text"),
            )
        )
    return lines


def _clock(timestamp: str | None) -> str:
    """The time of day of an ISO time or a Unix time; else as it came."""
    if not timestamp:
        return ""
    try:
        return f" {datetime.fromisoformat(timestamp.replace('Z', '+00:00')):%H:%M:%S}"
    except ValueError:
        pass
    try:
        return f" {datetime.fromtimestamp(float(timestamp), UTC):%H:%M:%S}"
    except (ValueError, OverflowError, OSError):
        return f" {timestamp[:8]}"


def tags(facts: Facts, cells: int) -> list[Line]:
    """Tags, user, contexts and whatever else came with the event."""
    event = facts.event
    lines: list[Line] = []
    plain = {
        "event": event.id,
        "when": f"{event.occurred_at:%Y-%m-%d %H:%M:%S} UTC",
        "release": event.release,
        "environment": event.environment,
        "service": event.service,
        "server": event.server,
        "transaction": event.transaction,
        "trace": event.trace_id,
        "logger": event.logger,
        "source": event.source,
    }
    lines += _table([(name, value) for name, value in plain.items() if value], cells)
    for title, values in (("tags", event.tags), ("user", event.user), ("extra", event.extra)):
        if values:
            lines += [BLANK, line((Clean(f" {title}"), "head"))]
            lines += _table([(name, shown_value(value)) for name, value in list(values.items())[:MOST]], cells)
    for name, value in list(event.contexts.items())[:30]:
        lines += [BLANK, line((clean(f" {name}", 80), "head"))]
        if isinstance(value, Mapping):
            lines += _table([(key, shown_value(item)) for key, item in list(value.items())[:40]], cells)
        else:
            lines += _table([("", shown_value(value))], cells)
    for warning in event.warnings[:20]:
        lines += [BLANK, line((Clean(f" {GLYPHS.warning} "), "warn"), (clean(warning, 300), "dim"))]
    return lines


def drafts(facts: Facts, cells: int) -> list[Line]:
    """Our drafts with what happened when they ran."""
    case = facts.case
    if case is None:
        return [line((Clean(" loading …"), "dim"))]
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
    lines += [BLANK, line((clean(f" captured inputs: {case.fidelity}"), "dim"))]
    if case.missing:
        missing = wrap(clean(f"missing: {', '.join(case.missing)}", 600), max(20, cells - 2), 4)
        lines += [line((Clean(f" {part}"), "dim")) for part in missing]
    return lines


def history(facts: Facts, cells: int) -> list[Line]:
    """What was done to the issue, the latest first."""
    if not facts.history:
        return [line((Clean(" nothing was done to it yet"), "dim"))]
    now = datetime.now(UTC)
    return [
        line(
            (fit(Clean(f" {ago(item.when, now)}"), 12), "dim"),
            (fit(clean(item.who, 60), 18), "name"),
            (clean(f" {item.what}", 300), "text"),
        )
        for item in list(facts.history)[:MOST]
    ]


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: its name, how to make its lines, and how many things are in it (None: no number)."""

    name: str
    lines: Callable[[Facts, int], list[Line]]
    count: Callable[[Facts], int | None]


TABS = (
    Tab("tests", tests, lambda facts: len(facts.case.covering) if facts.case else None),
    Tab("request", request, lambda facts: None),
    Tab("breadcrumbs", breadcrumbs, lambda facts: len(facts.event.breadcrumbs)),
    Tab("tags", tags, lambda facts: len(facts.event.tags) or None),
    Tab("drafts", drafts, lambda facts: len(facts.case.drafts) if facts.case else None),
    Tab("history", history, lambda facts: None),
)


def curl(sent: Request) -> str:
    """The request as a curl command, one part a line."""
    import shlex

    parts = ["curl", "-X", shlex.quote(sent.method), shlex.quote(_full_url(sent))]
    lines = [" ".join(parts)]
    lines += [
        f"-H {shlex.quote(f'{name}: {value}')}" for name, value in sent.headers if name.lower() != "content-length"
    ]
    if sent.cookies:
        lines.append(f"-b {shlex.quote('; '.join(f'{name}={value}' for name, value in sent.cookies))}")
    if sent.body is not None:
        body = sent.body if isinstance(sent.body, str) else json.dumps(sent.body, ensure_ascii=False, default=str)
        lines.append(f"--data-raw {shlex.quote(body)}")
    return " \\\n  ".join(lines) + "\n"


def _full_url(sent: Request) -> str:
    if not sent.query or "?" in sent.url:
        return sent.url
    from urllib.parse import urlencode

    return f"{sent.url}?{urlencode(sent.query)}"


def _table(pairs: Sequence[tuple[str, str]], cells: int) -> list[Line]:
    name_width = min(22, max((len(name) for name, _ in pairs), default=0))
    lines = []
    for name, value in pairs:
        for place, part in enumerate(wrap(clean(value, 1_000), max(16, cells - name_width - 4), 3)):
            head: Run = (fit(clean(name, 60), name_width) if place == 0 else Clean(" " * name_width), "dim")
            lines.append(line((Clean(" "), "text"), head, (Clean("  "), "text"), (part, "text")))
    return lines


def _json(value: Json, cells: int) -> list[Line]:
    if isinstance(value, str):
        text = value[:4_000]
    else:
        text = json.dumps(value, indent=2, ensure_ascii=False, default=str)[:8_000]
    return [line((clean(f" {part}", 1_000), "string")) for part in text.splitlines()[:MOST]]


def _tail(name: Clean, cells: int) -> Clean:
    from triage.tui.text import fit_end, width

    return name if width(name) <= cells else fit_end(name, max(10, cells))
