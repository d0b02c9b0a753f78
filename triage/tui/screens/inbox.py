"""The inbox: all issues as a list, filtered as one types, with a preview of the one under the cursor."""

from __future__ import annotations

import dataclasses
import logging
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Container, Vertical
from textual.timer import Timer
from textual.widget import Widget

from triage.domain.issue import SORTS, Issue, IssueQuery
from triage.errors import TriageError
from triage.tui.actions import SCREEN_SCOPES, Context, bindings
from triage.tui.glyphs import GLYPHS
from triage.tui.inbox_views import VIEWS, empty_lines
from triage.tui.messages import IssuesChanged
from triage.tui.screens.inbox_changes import InboxChanges
from triage.tui.text import Clean, clean
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.inked import Run
from triage.tui.widgets.issue_list import IssueHeading, IssueList
from triage.tui.widgets.line_view import LineView
from triage.tui.widgets.preview import preview_lines
from triage.tui.window import IssueWindow
from triage.tui.wording import plural

if TYPE_CHECKING:
    from triage.domain.event import Event
    from triage.tui.widgets.filter_line import FilterLine

LOG = logging.getLogger("triage.tui")
POLL = 0.5
AGES = 20.0
STEP = 0.25
FOLLOW = 0.15
TYPING = 0.08
REMEMBERED = 64


@dataclasses.dataclass(frozen=True, slots=True)
class _Glance:
    """What the preview knows of an issue: its event, or why it cannot be read."""

    event: Event | None
    note: str = ""


class InboxScreen(InboxChanges):
    """The first screen."""

    SCOPE = "inbox"
    BINDINGS: ClassVar = bindings(*SCREEN_SCOPES["inbox"])
    AUTO_FOCUS: ClassVar[str | None] = "IssueList"

    def __init__(self) -> None:
        super().__init__()
        self.issues = IssueList(id="issues")
        self.preview = LineView(id="preview")
        self.empty = LineView(id="empty")
        self.view = 0
        self.filter = ""
        self.sort = SORTS[0]
        self.troubles: tuple[str, ...] = ()
        self.waiting = 0
        self._trouble: TriageError | None = None
        self._token: int | None = None
        self._asked = 0
        self._glances: OrderedDict[tuple[int, int], _Glance] = OrderedDict()
        self._follow: Timer | None = None
        self._moved_at = 0.0
        self._is_painted = False
        self._typing: Timer | None = None
        self._filter_line: FilterLine | None = None

    def body(self) -> Iterable[Widget]:
        yield Container(
            Vertical(IssueHeading(self.issues), self.issues, self.empty, id="left"), self.preview, id="main"
        )

    def on_mount(self) -> None:
        self.empty.display = False
        self.preview.border_title = "Preview"
        try:
            window = IssueWindow(self.triage.workspace.store, self.query_now(), first=80)
        except TriageError as error:
            self._trouble = error
            self._show_empty()
        else:
            self._show(window)
            self._token = self.triage.workspace.store.change_token()
        self.call_after_refresh(self._painted)

    def _painted(self) -> None:
        """The first rows are on screen: now what needs more imports and slower queries."""
        self._is_painted = True
        self._preview_now()
        self.soon(lambda: self._count(), "count")
        self.set_interval(POLL, self._poll)
        self.set_interval(AGES, self.issues.tick)

    # -- the list

    def query_now(self) -> IssueQuery:
        """View, filter and sort order as one query."""
        name, status = VIEWS[self.view]
        base = IssueQuery(status=status, sort=self.sort)
        if name == "mine":
            base = dataclasses.replace(base, assignee=self.triage.me or "?")
        if not self.filter:
            self.troubles = ()
            return base
        from triage.domain.query import parse

        parsed = parse(self.filter, base, self.triage.me)
        self.troubles = parsed.troubles
        return parsed.query

    async def reload(self, keep: Issue | None = None) -> None:
        """Ask the store again. The cursor goes to `keep` (or where it would stand), shown on
        the line it was on; to the start without it."""
        self._asked += 1
        asked = self._asked
        query = self.query_now()
        store = self.triage.workspace.store
        row = self.issues.index - self.issues.scroll_offset.y

        def ask() -> tuple[IssueWindow, int, int]:
            token = store.change_token()
            window = IssueWindow(store, query)
            if not window.counted:
                window.set_total(window.count())
            index = store.position(query, keep) if keep is not None else 0
            window.need(index - 60, index + 60)
            return window, index, token

        try:
            window, index, token = await self.triage.lane.run(ask)
        except TriageError as error:
            self.fail(error)
            return
        if asked != self._asked:
            return
        self._token = token
        self.waiting = 0
        self._show(window, index, (index - row) if keep is not None else 0)

    def _show(self, window: IssueWindow, index: int = 0, top: int = 0) -> None:
        self._trouble = None
        has_rows = len(window) > 0
        self.issues.show(window, index, top)
        if not has_rows:
            self._show_empty()
        if self.empty.display is has_rows:
            self.empty.display = not has_rows
            self.issues.display = has_rows
            self.preview.display = has_rows
            target: CursorView = self.issues if has_rows else self.empty
            if self.focused is None or isinstance(self.focused, CursorView):
                target.focus()
        self.query_one(IssueHeading).refresh()
        self._preview_now()
        self.retell()

    async def _count(self) -> None:
        window = self.issues.window
        if window is not None and not window.counted:
            total = await self.triage.lane.run(window.count)
            if window is self.issues.window:
                self.issues.counted(total)
        self.retell()

    def _poll(self) -> None:
        """Notice changes of the store: fresh values in place, arrivals counted, never a moved cursor."""
        window = self.issues.window
        if window is None or self.app.screen is not self:
            return
        try:
            token = self.triage.workspace.store.change_token()
            if token == self._token:
                return
            self._token = token
            if not len(window):
                self.soon(lambda: self.reload(), "reload")
                return
            if window.query.text:
                self.issues.renew()
                return
            self.waiting = window.arrived()
            if self.issues.renew():
                self._preview_soon()
        except TriageError as error:
            LOG.warning("store could not be read: %s", error)
        self.retell()

    def on_issues_changed(self, message: IssuesChanged) -> None:
        self._token = None
        self.soon(lambda: self.reload(self.issues.issue), "reload")

    # -- title, empty states

    def standing(self) -> tuple[Sequence[Run], Sequence[Run]]:
        left: list[Run] = []
        if self.size.width >= 90:
            for place, (name, _) in enumerate(VIEWS):
                left += [(Clean(f" {name} "), "head-sorted" if place == self.view else "dim")]
        else:
            left.append((Clean(VIEWS[self.view][0]), "strong"))
        window = self.issues.window
        right: list[Run] = []
        if self.issues.marked:
            right.append((Clean(f"{len(self.issues.marked):,} marked  "), "accent"))
        if window is not None and len(window):
            number = plural(len(window), "issue")
            right.append((Clean(number if window.counted else f"{number} and more"), "dim"))
        if self.filter and self.size.width >= 90:
            right.insert(0, (clean(f"/{self.filter}  ", 60), "accent"))
        if self.waiting:
            right.append((Clean(f"  {GLYPHS.up} {self.waiting:,} newer: R shows"), "key"))
        right += self._listening()
        return left, right

    def _listening(self) -> list[Run]:
        app = self.triage
        if app.ingest is not None and self.size.width >= 90:
            return [(Clean(f"  {GLYPHS.live} "), "good"), (clean("listening", 60), "dim")]
        if app.ingest_error is not None:
            return [(Clean(f"  {GLYPHS.no} "), "bad"), (Clean("not listening"), "dim")]
        return []

    def _show_empty(self) -> None:
        self.empty.show(empty_lines(self._trouble, VIEWS[self.view][0], self.filter, self.triage))
        if self._trouble is not None:
            self.empty.display, self.issues.display, self.preview.display = True, False, False

    def retell(self) -> None:
        if self.empty.display:
            self._show_empty()
        super().retell()

    def context(self) -> Context:
        issue = self.issues.issue
        return Context(
            issues=len(self.issues.marked) or (1 if issue else 0),
            has_link=bool(issue and issue.publication and issue.publication != "branch"),
        )

    # -- preview

    @on(CursorView.Moved, "#issues")
    def _cursor_moved(self) -> None:
        self._preview_soon()

    @on(CursorView.Opened, "#issues")
    def do_open(self) -> None:
        if (issue := self.issues.issue) is not None:
            self.triage.open_issue(issue.id)

    @on(CursorView.Left, "#preview")
    def _left_preview(self) -> None:
        self.issues.focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self._preview_now)
        self.retell()

    def _preview_soon(self) -> None:
        """A single step shows its preview at once; while a key is held it waits for a pause."""
        if self._follow is not None:
            self._follow.stop()
        now = monotonic()
        since, self._moved_at = now - self._moved_at, now
        if since > STEP:
            self._preview_now()
        else:
            self._follow = self.set_timer(FOLLOW, self._preview_now)

    def _preview_now(self) -> None:
        issue = self.issues.issue
        if issue is None or not self.preview.display:
            return
        known = self._glances.get((issue.id, issue.count))
        self._draw_preview(issue, known)
        if known is None and self._is_painted:
            self.soon(lambda: self._glance(issue), "glance")

    def _draw_preview(self, issue: Issue, known: _Glance | None) -> None:
        region = self.preview.scrollable_content_region
        if region.width > 4 and region.height > 1:
            lines = preview_lines(
                issue, known.event if known else None, region.width - 1, region.height, known.note if known else ""
            )
            self.preview.show(lines, top=True)

    async def _glance(self, issue: Issue) -> None:
        workspace = self.triage.workspace

        def look() -> _Glance:
            from triage.services.inspect import glance

            try:
                return _Glance(glance(workspace, issue.id)[1])
            except TriageError as error:
                return _Glance(None, f"{error.title}: {error.detail}" if error.detail else error.title)

        found = await self.triage.lane.run(look)
        self._glances[issue.id, issue.count] = found
        while len(self._glances) > REMEMBERED:
            self._glances.popitem(last=False)
        here = self.issues.issue
        if here is not None and here.id == issue.id:
            self._draw_preview(here, found)

    def event_of(self, issue: Issue) -> Event | None:
        known = self._glances.get((issue.id, issue.count))
        return known.event if known else None

    def do_enlarge(self) -> None:
        self.set_class(self.focused is self.preview, "-only-preview")
        self.add_class("-enlarged")
        self.call_after_refresh(self._preview_now)

    def do_shrink(self) -> None:
        self.remove_class("-enlarged", "-only-preview")
        self.call_after_refresh(self._preview_now)

    def do_preview(self) -> None:
        self.toggle_class("-no-preview")
        self.call_after_refresh(self._preview_now)

    # -- filter, views, order

    async def do_filter(self) -> None:
        if self._filter_line is None:
            from triage.tui.widgets.filter_line import FilterLine

            self._filter_line = FilterLine()
            await self.query_one("#left").mount(self._filter_line, before=0)
        self._filter_line.display = True
        self._filter_line.focus()

    def filter_typed(self, text: str) -> None:
        """The filter line reads `text` now; asks the store when typing pauses."""
        self.filter = text
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(TYPING, self._ask_again)

    def filter_done(self) -> None:
        """Back to the list; the filter stays."""
        if self._filter_line is not None and not self.filter:
            self._filter_line.display = False
        (self.issues if self.issues.display else self.empty).focus()
        self.query_now()  # what was typed last may not have been asked yet
        if self.troubles:
            self.say(self.troubles[0], warning=True)

    def clear_filter(self) -> None:
        """No filter, and back to the list."""
        if self._filter_line is not None:
            self._filter_line.value = ""
        self.filter = ""
        self.filter_done()
        self._ask_again()

    def _ask_again(self) -> None:
        self.issues.marked.clear()
        self.soon(lambda: self.reload(), "reload")

    def do_next_view(self) -> None:
        self._turn(1)

    def do_previous_view(self) -> None:
        self._turn(-1)

    def _turn(self, by: int) -> None:
        self.view = (self.view + by) % len(VIEWS)
        self._ask_again()

    def do_sort(self) -> None:
        self.sort = SORTS[(SORTS.index(self.sort) + 1) % len(SORTS)]
        self._ask_again()
        self.say(f"sorted by {self.sort.replace('_', ' ')}")

    async def do_refresh(self) -> None:
        keep = None if self.waiting else self.issues.issue
        await self.reload(keep)
        if keep is None:
            self.say("showing the newest")

    def do_back(self) -> None:
        if self.filter or (self._filter_line and self._filter_line.has_focus):
            self.clear_filter()
        elif self.issues.marked:
            self.issues.unmark_all()
        elif self.has_class("-enlarged"):
            self.do_shrink()
        elif self.focused is self.preview:
            self.issues.focus()

    def do_next_error(self) -> None:
        self._to_unseen(1)

    def do_previous_error(self) -> None:
        self._to_unseen(-1)

    def _to_unseen(self, step: int) -> None:
        window = self.issues.window
        found = window.find(lambda issue: not issue.seen, self.issues.index + step, step) if window else None
        if found is None:
            self.say("no other issue near here is unseen", warning=True)
        else:
            self.issues.move(found)
