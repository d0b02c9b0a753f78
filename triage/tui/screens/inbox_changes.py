"""What can be done to the issues of the inbox: local changes, each undoable, and copying."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from triage.domain.issue import Issue, Status
from triage.errors import TriageError
from triage.tui.messages import DraftRequested
from triage.tui.screens.base import TriageScreen
from triage.tui.widgets.issue_list import IssueList

if TYPE_CHECKING:
    from triage.domain.event import Event


class InboxChanges(TriageScreen):
    """The inbox's actions on the marked issues, or the one under the cursor."""

    issues: IssueList

    async def reload(self, keep: Issue | None = None) -> None:
        """Ask the store again, with the cursor on `keep`."""
        raise NotImplementedError

    def event_of(self, issue: Issue) -> Event | None:
        """The issue's event, if it has been read."""
        raise NotImplementedError

    # -- changes

    def do_mark(self) -> None:
        self.issues.mark()

    def do_mark_range(self) -> None:
        self.issues.mark_range()

    def do_draft(self) -> None:
        if (issue := self.issues.issue) is not None:
            self.post_message(DraftRequested(issue.id))

    async def do_resolve(self) -> None:
        from triage.services import tend

        done = all(issue.status is Status.RESOLVED for issue in self.issues.chosen())
        change = tend.unresolve if done else tend.resolve
        await self._change(lambda ids: change(self.triage.workspace, ids))

    async def do_assign(self) -> None:
        from triage.services import tend

        me = self.triage.me or "me"
        mine = all(issue.assignee == me for issue in self.issues.chosen())
        await self._change(lambda ids: tend.assign(self.triage.workspace, ids, None if mine else me))

    async def do_snooze(self) -> None:
        from triage.services import tend

        await self._change(lambda ids: tend.snooze(self.triage.workspace, ids))

    async def do_undo(self) -> None:
        from triage.services import tend

        keep = self.issues.issue
        try:
            said = await self.triage.lane.run(lambda: tend.undo(self.triage.workspace))
        except TriageError as error:
            self.fail(error)
            return
        await self.reload(keep)
        self.say(f"undone: {said}" if said else "nothing to undo", warning=not said)

    async def _change(self, change: Callable[[list[int]], str]) -> None:
        """Do a local change to the chosen issues; the cursor goes to what follows them."""
        ids = self.issues.chosen_ids()
        keep = self._follower(set(ids))
        try:
            said = await self.triage.lane.run(lambda: change(ids))
        except TriageError as error:
            self.fail(error)
            return
        self.issues.marked.clear()
        await self.reload(keep)
        self.say(f"{said}. z takes it back")

    def _follower(self, leaving: set[int]) -> Issue | None:
        """The issue under the cursor, or if it may leave the list, the next that stays."""
        window = self.issues.window
        if window is None:
            return None
        for index, step in ((self.issues.index, 1), (self.issues.index, -1)):
            found = window.find(lambda issue: issue.id not in leaving, index, step)
            if found is not None:
                return window.row(found)
        return None

    # -- taking along

    def do_copy(self) -> None:
        if (issue := self.issues.issue) is not None:
            self.triage.copy(f"{issue.short_id} {issue.title}\n{issue.culprit}", "the issue")

    def do_copy_full(self) -> None:
        if (issue := self.issues.issue) is not None:
            from triage.tui.report import report

            self.triage.copy(report(issue, self.event_of(issue)), "the issue with its traceback")

    def do_open_link(self) -> None:
        if (issue := self.issues.issue) is not None:
            self.triage.open_link(issue.id)
