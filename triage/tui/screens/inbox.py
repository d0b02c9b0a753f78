"""The inbox: all issues as a list, filtered as one types, with a preview of the one under the cursor."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Container, Vertical
from textual.widget import Widget

from triage.domain.issue import SORTS, Issue, News
from triage.errors import TriageError
from triage.tui.actions import SCREEN_SCOPES, bindings
from triage.tui.glyphs import GLYPHS
from triage.tui.grouped_window import GroupedWindow, Window, open_window
from triage.tui.inbox_views import empty_lines
from triage.tui.messages import IssuesChanged
from triage.tui.reasons import Context
from triage.tui.screens.inbox_changes import InboxChanges
from triage.tui.screens.inbox_preview import InboxPreview
from triage.tui.screens.inbox_query import InboxQuery
from triage.tui.text import Clean, clean
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.inked import Run
from triage.tui.widgets.issue_list import IssueHeading, IssueList
from triage.tui.widgets.line_view import LineView
from triage.tui.wording import plural

if TYPE_CHECKING:
    from triage.tui.notify import Notifier

LOG = logging.getLogger("triage.tui")
POLL = 0.5
AGES = 20.0


class InboxScreen(InboxQuery, InboxPreview, InboxChanges):
    """The first screen."""

    SCOPE = "inbox"
    BINDINGS: ClassVar = bindings(*SCREEN_SCOPES["inbox"])
    AUTO_FOCUS: ClassVar[str | None] = "IssueList"

    def __init__(self) -> None:
        super().__init__()
        self.issues = IssueList(id="issues")
        self.issues.followed = self.preview_soon
        self.preview = LineView(id="preview")
        self.empty = LineView(id="empty")
        self.waiting = 0
        self._trouble: TriageError | None = None
        self._token: int | None = None
        self._asked = 0
        self._looking = False
        self._on_heading = False
        self._notifier: Notifier | None = None
        self._mark: tuple[int, int] | None = None

    def body(self) -> Iterable[Widget]:
        heading = IssueHeading(self.issues, self._heading_clicked)
        yield Container(Vertical(heading, self.issues, self.empty, id="left"), self.preview, id="main")

    def on_mount(self) -> None:
        self.empty.display = False
        self.preview.border_title = "Preview"
        try:
            window = open_window(self.triage.workspace.store, self.query_now(), first=80)
        except TriageError as error:
            self._trouble = error
            self._show_empty()
        else:
            self._show(window)
            self._token = self.triage.workspace.store.change_token()
        self.call_after_refresh(self._painted)

    def _painted(self) -> None:
        """The first rows are on screen: now what needs more imports and slower queries."""
        self.is_painted = True
        self.preview_now()
        self.soon(lambda: self._count(), "count")
        self._listen_for_news()
        self.set_interval(POLL, self._poll)
        self.set_interval(AGES, self.issues.tick)

    # -- the list

    async def reload(self, keep: Issue | None = None) -> None:
        """Ask the store again. The cursor goes to `keep` (or where it would stand), shown on
        the line it was on; to the start without it."""
        self._asked += 1
        asked = self._asked
        query = self.query_now()
        store = self.triage.workspace.store
        row = self.issues.index - self.issues.scroll_offset.y

        def ask() -> tuple[Window, int, int]:
            token = store.change_token()
            window = open_window(store, query)
            if not window.counted:
                window.set_total(window.count())
            index = window.position(keep) if keep is not None else 0
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
        if self._filter_box is not None:
            self._filter_box.tell()

    def _show(self, window: Window, index: int = 0, top: int = 0) -> None:
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
        self.preview_now()
        self.retell()

    async def _count(self) -> None:
        window = self.issues.window
        if window is not None and not window.counted:
            total = await self.triage.lane.run(window.count)
            if window is self.issues.window:
                self.issues.counted(total)
        self.retell()

    # -- what arrives

    def _poll(self) -> None:
        """Notice changes of the store: fresh values in place, arrivals counted, never a moved cursor."""
        if not self._looking:
            self._looking = True
            self.soon(self._notice)

    async def _notice(self) -> None:
        store, window, mark = self.triage.workspace.store, self.issues.window, self._mark
        shown = self.app.screen is self and window is not None
        ids = self.issues.visible_ids() if shown else []
        known = self._token

        def look() -> tuple[int, int, Mapping[int, Issue], News | None] | None:
            token = store.change_token()
            if token == known:
                return None
            waiting = window.arrived() if shown and window is not None else 0
            return token, waiting, store.issues(ids), store.news(mark) if mark is not None else None

        try:
            found = await self.triage.lane.run(look)
        except TriageError as error:
            LOG.warning("store could not be read: %s", error)
            return
        finally:
            self._looking = False
        if found is not None:
            token, waiting, fresh, news = found
            if news is not None and self._notifier is not None:
                self._mark = news.mark
                self._notifier.take(news)
            if shown and window is self.issues.window:
                self._token = token
                self._arrived(window, waiting, fresh)
        if self._notifier is not None:
            self._notifier.tell()

    def _arrived(self, window: Window | None, waiting: int, fresh: Mapping[int, Issue]) -> None:
        if window is not None and not len(window):
            self.soon(lambda: self.reload(), "reload")
            return
        self.waiting = waiting
        under = self.issues.issue
        if self.issues.renew(fresh) and under != self.issues.issue:
            self.preview_soon()
        self.retell()

    def _listen_for_news(self) -> None:
        """From now on tell of new and regressed issues, if the configuration wants it."""
        config = self.triage.workspace.config.notify
        if not (config.bell or config.desktop):
            return
        from triage.tui.notify import Notifier

        driver = self.app._driver
        self._notifier = Notifier(config, driver.write if driver is not None else lambda _: None, os.environ)
        try:
            self._mark = self.triage.workspace.store.mark()
        except TriageError as error:
            LOG.warning("store could not be read: %s", error)

    def on_issues_changed(self, message: IssuesChanged) -> None:
        self._token = None
        self.soon(lambda: self.reload(self.issues.issue), "reload")

    # -- title, empty states

    def standing(self) -> tuple[Sequence[Run], Sequence[Run]]:
        left: list[Run] = []
        if self.size.width >= 90:
            left += self._tabs(self.size.width * 3 // 5)
        else:
            left.append((clean(self.view_name, 24), "strong"))
        window = self.issues.window
        right: list[Run] = []
        if self.issues.marked:
            right.append((Clean(f"{len(self.issues.marked):,} marked  "), "accent"))
        if window is not None and len(window):
            number = plural(window.number, "issue")
            if isinstance(window, GroupedWindow) and window.has_headings:
                number = f"{number} in {plural(len(window.groups), 'group')}"
            right.append((Clean(number if window.counted else f"{number} and more"), "dim"))
        if self.filter and self.size.width >= 90:
            right.insert(0, (clean(f"/{self.filter}  ", 60), "accent"))
        if window is not None and window.query.sort != SORTS[0]:
            right.append((Clean(f" by {window.query.sort.replace('_', ' ')}"), "dim"))
        if self.waiting:
            right.append((Clean(f"  {GLYPHS.up} {self.waiting:,} newer: R shows"), "key"))
        right += self._listening()
        return left, right

    def _tabs(self, room: int) -> list[Run]:
        """The views around the one that is shown, as many as fit."""
        names = [clean(f" {view.name} ", 30) for view in self.views]
        first, last = self.view, self.view + 1
        used = len(names[self.view])
        while (first > 0 or last < len(names)) and used < room:
            if last < len(names) and (last - self.view <= self.view - first or first == 0):
                used, last = used + len(names[last]), last + 1
            else:
                used, first = used + len(names[first - 1]), first - 1
        runs: list[Run] = [(Clean(GLYPHS.ellipsis), "dim")] if first else []
        runs += [(names[at], "head-sorted" if at == self.view else "dim") for at in range(first, last)]
        return [*runs, (Clean(GLYPHS.ellipsis), "dim")] if last < len(names) else runs

    def _listening(self) -> list[Run]:
        app = self.triage
        if app.ingest is not None and self.size.width >= 90:
            return [(Clean(f"  {GLYPHS.live} "), "good"), (clean("listening", 60), "dim")]
        if app.ingest_error is not None:
            return [(Clean(f"  {GLYPHS.no} "), "bad"), (Clean("not listening"), "dim")]
        return []

    def _show_empty(self) -> None:
        self.empty.show(empty_lines(self._trouble, self.view_name, self.filter, self.triage))
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
            group=self.issues.group is not None,
            has_link=bool(issue and issue.publication and issue.publication != "branch"),
        )

    # -- moving on

    @on(CursorView.Moved, "#issues")
    def _row_kind_changed(self) -> None:
        """Other keys work on the heading of a group than on an issue."""
        on_heading = self.issues.group is not None
        if on_heading is not self._on_heading:
            self._on_heading = on_heading
            self.retell()

    @on(CursorView.Opened, "#issues")
    def do_open(self) -> None:
        if (issue := self.issues.issue) is not None:
            self.triage.open_issue(issue.id)
        elif self.issues.group is not None:
            self.issues.do_open()

    async def do_refresh(self) -> None:
        keep = None if self.waiting else self.issues.issue
        self.forget_looks()
        await self.reload(keep)
        if keep is None:
            self.say("showing the newest")

    def do_back(self) -> None:
        if self.filter or (self._filter_box and self._filter_box.line.has_focus):
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
