"""The tabs of an issue for what came with its event: breadcrumbs, tags, contexts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from triage.tui.glyphs import GLYPHS
from triage.tui.issue_facts import MOST, Facts, heading, table, told
from triage.tui.text import Clean, clean, fit
from triage.tui.widgets.line_view import BLANK, Line, line
from triage.tui.widgets.preview import shown_value


def breadcrumbs(facts: Facts, cells: int, rows: int) -> list[Line]:
    """What the program did before, the latest first."""
    crumbs = facts.event.breadcrumbs
    if not crumbs:
        return [told("no breadcrumbs were sent")]
    lines = [heading("the latest first; times in UTC")]
    for crumb in list(reversed(crumbs))[:MOST]:
        ink = {"error": "bad", "fatal": "bad", "warning": "warn"}.get(crumb.level, "dim")
        data = ", ".join(f"{name}={shown_value(value, 80)}" for name, value in list(crumb.data.items())[:20])
        message = f"{crumb.message}  {data}" if crumb.message and data else crumb.message or data
        lines.append(
            line(
                (fit(clean(_clock(crumb.timestamp), 20), 10), "faint"),
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
        when = datetime.fromisoformat(timestamp.replace("Z", "+00:00"))
        return f" {when.astimezone(UTC) if when.tzinfo else when:%H:%M:%S}"
    except (ValueError, OverflowError):
        pass
    try:
        return f" {datetime.fromtimestamp(float(timestamp), UTC):%H:%M:%S}"
    except (ValueError, OverflowError, OSError):
        return f" {timestamp[:8]}"


def tags(facts: Facts, cells: int, rows: int) -> list[Line]:
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
    lines += table([(name, value) for name, value in plain.items() if value], cells)
    for title, values in (("tags", event.tags), ("user", event.user), ("extra", event.extra)):
        if values:
            lines += [BLANK, heading(title)]
            lines += table([(name, shown_value(value)) for name, value in list(values.items())[:MOST]], cells)
    for name, value in list(event.contexts.items())[:30]:
        lines += [BLANK, line((clean(f" {name}", 80), "head"))]
        if isinstance(value, Mapping):
            lines += table([(key, shown_value(item)) for key, item in list(value.items())[:40]], cells)
        else:
            lines += table([("", shown_value(value))], cells)
    for warning in event.warnings[:20]:
        lines += [BLANK, line((Clean(f" {GLYPHS.warning} "), "warn"), (clean(warning, 300), "dim"))]
    return lines
