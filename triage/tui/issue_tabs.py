"""All tabs of an issue, in their order."""

from __future__ import annotations

from triage.tui.issue_came import breadcrumbs, tags
from triage.tui.issue_facts import Facts, Tab
from triage.tui.issue_known import drafts, history, reports, similar
from triage.tui.issue_plot import releases
from triage.tui.issue_request import request
from triage.tui.issue_tests import tests
from triage.tui.issue_values import values


def _variables(facts: Facts) -> int | None:
    return len(facts.frame.variables or {}) or None if facts.frame else None


TABS = (
    Tab("tests", tests, lambda facts: len(facts.case.covering) if facts.case else None),
    Tab("values", values, _variables),
    Tab("request", request, lambda facts: None),
    Tab("breadcrumbs", breadcrumbs, lambda facts: len(facts.event.breadcrumbs)),
    Tab("tags", tags, lambda facts: len(facts.event.tags) or None),
    Tab("releases", releases, lambda facts: len(facts.seen.releases) if facts.seen else None),
    Tab("similar", similar, lambda facts: len(facts.similar) if facts.similar else None),
    Tab("reports", reports, lambda facts: len(facts.reports) if facts.reports else None),
    Tab("drafts", drafts, lambda facts: len(facts.case.drafts) if facts.case else None),
    Tab("history", history, lambda facts: None),
)

PLACE = {tab.name: place for place, tab in enumerate(TABS)}
"""Where each tab stands."""
