"""What the parts of the inbox know of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.domain.issue import Issue
from triage.tui.screens.base import TriageScreen
from triage.tui.widgets.issue_list import IssueList
from triage.tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from triage.domain.event import Event


class InboxPart(TriageScreen):
    """The list, its preview, and the state that filters, changes and previews share."""

    issues: IssueList
    preview: LineView
    empty: LineView
    is_painted: bool = False

    async def reload(self, keep: Issue | None = None) -> None:
        """Ask the store again. The cursor goes to `keep` (or where it would stand), shown on
        the line it was on; to the start without it."""
        raise NotImplementedError

    def event_of(self, issue: Issue) -> Event | None:
        """The issue's event, if it has been read."""
        raise NotImplementedError
