"""The inbox's preview: at once what the event says, and when the cursor rests what the checkout knows."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from time import monotonic
from typing import TYPE_CHECKING

from textual import on
from textual.timer import Timer

from triage.domain.issue import Issue
from triage.errors import TriageError
from triage.tui.jobs import Lane
from triage.tui.screens.inbox_base import InboxPart
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.preview import Look, group_lines, preview_lines

if TYPE_CHECKING:
    from triage.domain.event import Event

STEP = 0.25
FOLLOW = 0.15
REST = 0.4
"""Seconds that the cursor rests on an issue before the checkout is asked about it."""
REMEMBERED = 64
AT_ONCE = 100_000
"""Bytes of an event that is read and parsed within a key press: a millisecond for ten thousand."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Glance:
    """What the preview knows of an issue: its event, or why it cannot be read."""

    event: Event | None
    note: str = ""


class InboxPreview(InboxPart):
    """Follows the cursor."""

    _follow: Timer | None = None
    _rest: Timer | None = None
    _moved_at: float = 0.0
    _lookers: Lane | None = None

    def __init__(self) -> None:
        super().__init__()
        self._glances: OrderedDict[tuple[int, int], _Glance] = OrderedDict()
        self._looks: OrderedDict[tuple[int, int], Look] = OrderedDict()

    @on(CursorView.Left, "#preview")
    def _left_preview(self) -> None:
        self.issues.focus()

    def preview_soon(self) -> None:
        """A single step shows its preview at once; while a key is held it waits for a pause."""
        if self._follow is not None:
            self._follow.stop()
        now = monotonic()
        since, self._moved_at = now - self._moved_at, now
        if since > STEP:
            self.preview_now()
        else:
            self._follow = self.set_timer(FOLLOW, self.preview_now)

    def preview_now(self) -> None:
        """Show what is known of the issue under the cursor, and find out the rest."""
        if not self.preview.display:
            return
        if (group := self.issues.group) is not None and self.issues.window is not None:
            region = self.preview.scrollable_content_region
            self.preview.show(group_lines(group, self.issues.window.query.group, region.width - 1), top=True)
            return
        issue = self.issues.issue
        if issue is None:
            return
        known = self._glances.get((issue.id, issue.count))
        if known is None and self.is_painted:
            known = self._at_once(issue)
        self._draw(issue, known)
        if known is None and self.is_painted:
            self.soon(lambda: self._glance(issue), "glance")
        self._look_soon(issue)

    def _at_once(self, issue: Issue) -> _Glance | None:
        """The glance where it takes no time; None for a large event."""
        try:
            if self.triage.workspace.store.raw_size(issue.id) > AT_ONCE:
                return None
        except TriageError:
            return None
        return self._keep(issue, self._read(issue))

    def _read(self, issue: Issue) -> _Glance:
        from triage.services.inspect import glance

        try:
            return _Glance(glance(self.triage.workspace, issue.id)[1])
        except TriageError as error:
            return _Glance(None, f"{error.title}: {error.detail}" if error.detail else error.title)

    async def _glance(self, issue: Issue) -> None:
        self._keep(issue, await self.triage.lane.run(lambda: self._read(issue)))
        self._draw_again(issue)

    def _keep(self, issue: Issue, found: _Glance) -> _Glance:
        self._glances[issue.id, issue.count] = found
        while len(self._glances) > REMEMBERED:
            self._glances.popitem(last=False)
        return found

    def _draw_again(self, issue: Issue) -> None:
        """Show what was found, if the cursor is still there."""
        here = self.issues.issue
        if here is not None and here.id == issue.id and self.preview.display:
            self._draw(here, self._glances.get((here.id, here.count)))

    def _draw(self, issue: Issue, known: _Glance | None) -> None:
        region = self.preview.scrollable_content_region
        if region.width > 4 and region.height > 1:
            look = self._looks.get((issue.id, issue.count))
            event, note = (known.event, known.note) if known else (None, "")
            lines = preview_lines(issue, event, region.width - 1, region.height, note, look)
            self.preview.show(lines, top=True)

    # -- what the checkout knows

    def _look_soon(self, issue: Issue) -> None:
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        if self.is_painted and (issue.id, issue.count) not in self._looks:
            self._rest = self.set_timer(REST, lambda: self.soon(lambda: self._look(issue), "look"))

    async def _look(self, issue: Issue) -> None:
        """Which tests run the code and which commit is suspect: git is asked in a thread of its own."""
        if self._lookers is None:
            self._lookers = Lane("looks")
        workspace = self.triage.workspace

        def look() -> Look:
            import asyncio

            from triage.services.inspect import load_case

            try:
                return Look.of(asyncio.run(load_case(workspace, issue.id)))
            except TriageError as error:
                return Look(note=error.title)

        found = await self._lookers.run(look)
        self._looks[issue.id, issue.count] = found
        while len(self._looks) > REMEMBERED:
            self._looks.popitem(last=False)
        self._draw_again(issue)

    def forget_looks(self) -> None:
        """The checkout may have changed."""
        self._looks.clear()

    def on_unmount(self) -> None:
        if self._lookers is not None:
            self._lookers.close()

    def event_of(self, issue: Issue) -> Event | None:
        known = self._glances.get((issue.id, issue.count))
        return known.event if known else None

    # -- its place on the screen

    def on_resize(self) -> None:
        self.call_after_refresh(self.preview_now)
        self.retell()

    def do_enlarge(self) -> None:
        self.set_class(self.focused is self.preview, "-only-preview")
        self.add_class("-enlarged")
        self.call_after_refresh(self.preview_now)

    def do_shrink(self) -> None:
        self.remove_class("-enlarged", "-only-preview")
        self.call_after_refresh(self.preview_now)

    def do_preview(self) -> None:
        self.toggle_class("-no-preview")
        self.call_after_refresh(self.preview_now)
