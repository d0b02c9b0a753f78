"""What can be done to the issues of the inbox: local changes, each undoable, drafts, and copying."""

from __future__ import annotations

from collections.abc import Callable

from triage.domain.issue import Issue, IssueQuery, Status
from triage.errors import TriageError
from triage.tui.messages import DraftRequested
from triage.tui.screens.inbox_base import InboxPart

MOST_DRAFTS = 20
"""Tests drafted by one key at most; each may take a minute."""
SNOOZES = (
    ("1", "1 hour"), ("4", "4 hours"), ("24", "a day"), ("72", "3 days"), ("168", "a week"), ("720", "a month"),
)  # fmt: skip


class InboxChanges(InboxPart):
    """The inbox's actions on the marked issues, or the one under the cursor."""

    # -- changes

    def do_mark(self) -> None:
        self.issues.mark()

    def do_mark_range(self) -> None:
        self.issues.mark_range()

    def do_draft(self) -> None:
        """Draft for the issue under the cursor, in review; for several, one after the other."""
        ids = self.issues.chosen_ids()
        if len(ids) == 1:
            self.post_message(DraftRequested(ids[0]))
        elif len(ids) > MOST_DRAFTS:
            self.say(f"{len(ids)} are marked: {MOST_DRAFTS} at most are drafted in one go", warning=True)
        elif ids:
            from triage.tui import background

            background.draft_each(self, ids)
            self.issues.unmark_all()
            self.say(f"drafting {len(ids)} tests, one after the other: J shows them and stops one")

    async def do_resolve(self) -> None:
        from triage.services import tend

        done = all(issue.status is Status.RESOLVED for issue in self.issues.chosen())
        change = tend.unresolve if done else tend.resolve
        await self._change(lambda ids: change(self.triage.workspace, ids), self._any_status)

    async def do_assign(self) -> None:
        me = self.triage.me or "me"
        mine = all(issue.assignee == me for issue in self.issues.chosen())
        await self._assign(None if mine else me)

    async def do_assign_to(self) -> None:
        """Ask to whom; those who have issues are offered."""
        from triage.tui.screens.choose import Choice, ChoiceSheet

        workspace, me = self.triage.workspace, self.triage.me
        owners = await self.triage.lane.run(lambda: workspace.store.values("owner"))
        here = {issue.assignee for issue in self.issues.chosen()}
        choices = [Choice(me, me, "you", here == {me})] if me else []
        choices += [Choice(owner, owner, "", here == {owner}) for owner in owners if owner != me]
        choices.append(Choice("", "nobody", "takes the owner away", here == {None}))

        def chosen(who: str | None) -> None:
            if who is not None:
                self.soon(lambda: self._assign(who or None))

        self.app.push_screen(ChoiceSheet("Assign to", choices, free="{} (a new name)"), chosen)

    async def _assign(self, who: str | None) -> None:
        from triage.services import tend

        stays = self.issues.window is not None and not _asks_for_owner(self.issues.window.query)
        await self._change(lambda ids: tend.assign(self.triage.workspace, ids, who), stays)

    async def do_snooze(self) -> None:
        await self._snooze(24.0)

    def do_snooze_for(self) -> None:
        """Ask for how long."""
        from triage.tui.screens.choose import Choice, ChoiceSheet

        def chosen(hours: str | None) -> None:
            if hours is not None:
                self.soon(lambda: self._snooze(float(hours)))

        choices = [Choice(hours, text) for hours, text in SNOOZES]
        self.app.push_screen(ChoiceSheet("Put aside for", choices), chosen)

    async def _snooze(self, hours: float) -> None:
        from triage.services import tend

        await self._change(lambda ids: tend.snooze(self.triage.workspace, ids, hours), self._any_status)

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

    async def _change(self, change: Callable[[list[int]], str], stays: bool = False) -> None:
        """Do a local change to the chosen issues; the cursor goes to what follows them, unless
        they stay in the list."""
        ids = self.issues.chosen_ids()
        keep = self.issues.issue if stays else self._follower(set(ids))
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

    @property
    def _any_status(self) -> bool:
        """Whether the list shows issues whatever their status."""
        query = self.issues.window.query if self.issues.window is not None else None
        return query is not None and query.status is None and not query.among and not query.excluded

    # -- taking along

    def do_copy(self) -> None:
        if (issue := self.issues.issue) is not None:
            self.triage.copy(f"{issue.short_id} {issue.title}\n{issue.culprit}", "the issue")
        elif self.triage.ingest is not None:
            # The key in a DSN only lets events in: it is there to be handed out.
            self.triage.copy(self.triage.ingest.dsn, "the DSN", secrets=True)

    def do_copy_full(self) -> None:
        if (issue := self.issues.issue) is not None:
            from triage.tui.report import report

            self.triage.copy(report(issue, self.event_of(issue)), "the issue with its traceback")

    def do_open_link(self) -> None:
        if (issue := self.issues.issue) is not None:
            self.triage.open_link(issue.id)


def _asks_for_owner(query: IssueQuery) -> bool:
    names = [name for name, _ in (*query.among, *query.excluded)]
    return query.assignee is not None or "assignee" in names or query.group == "owner" or query.sort == "owner"
