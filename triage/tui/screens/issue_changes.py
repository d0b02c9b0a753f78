"""What can be done to an issue on its own screen: local changes, each undoable."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from triage.domain.issue import Status
from triage.errors import TriageError
from triage.tui.messages import IssuesChanged
from triage.tui.screens.issue_panels import IssuePanels


class IssueChanges(IssuePanels):
    """Resolve, assign, snooze, and taking the last of these back."""

    async def do_resolve(self) -> None:
        from triage.services import tend

        done = self.issue is not None and self.issue.status is Status.RESOLVED
        change = tend.unresolve if done else tend.resolve
        await self._change(lambda: change(self.triage.workspace, [self.issue_id]))

    async def do_assign(self) -> None:
        from triage.services import tend

        me = self.triage.me or "me"
        mine = self.issue is not None and self.issue.assignee == me
        await self._change(lambda: tend.assign(self.triage.workspace, [self.issue_id], None if mine else me))

    async def do_snooze(self) -> None:
        from triage.services import tend

        await self._change(lambda: tend.snooze(self.triage.workspace, [self.issue_id]))

    async def do_undo(self) -> None:
        from triage.services import tend

        await self._change(lambda: tend.undo(self.triage.workspace) or "nothing to undo", undone=True)

    async def _change(self, change: Callable[[], str], undone: bool = False) -> None:
        try:
            said = await self.triage.lane.run(change)
            self.issue = await self.triage.lane.run(lambda: self.triage.workspace.store.issue(self.issue_id))
        except TriageError as error:
            self.fail(error)
            return
        if self.case is not None:
            self.case = dataclasses.replace(self.case, issue=self.issue)
        self.show_header()
        await self.read_history()
        self.triage.post_message(IssuesChanged(()))
        self.say(said if undone else f"{said}. z takes it back")

    async def read_history(self) -> None:
        """What was done to the issue, from the store."""
        store = self.triage.workspace.store
        history = await self.triage.lane.run(lambda: tuple(store.history(self.issue_id)))
        self.know(history=history, issue=self.issue)
