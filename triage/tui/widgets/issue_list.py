"""The inbox's list: a window over the store, drawn line by line."""

from __future__ import annotations

from datetime import UTC, datetime

from textual.geometry import Size
from textual.strip import Strip

from triage.domain.issue import Issue
from triage.tui.columns import cells, heading
from triage.tui.glyphs import GLYPHS
from triage.tui.text import Clean
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.inked import Inked
from triage.tui.window import IssueWindow

MEMORY = 160


class IssueList(CursorView):
    """Rows of an `IssueWindow`; remembers which issues are marked."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.window: IssueWindow | None = None
        self.marked: set[int] = set()
        self.now = datetime.now(UTC)
        self._strips: dict[tuple[object, ...], Strip] = {}
        self._last_mark = 0

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def show(self, window: IssueWindow, index: int = 0, top: int | None = None) -> None:
        """Show another window with the cursor on `index`, the first visible row at `top`."""
        self.window = window
        self._strips.clear()
        self.now = datetime.now(UTC)
        self.index = max(0, min(index, len(window) - 1))
        self.virtual_size = Size(self.scrollable_content_region.width, len(window))
        if self.is_mounted:
            target = self.index - self.page // 2 if top is None else top
            self.scroll_to(y=max(0, min(target, len(window) - self.page)), animate=False, force=True)
            self.reveal(self.index)
        self.refresh()
        self.post_message(self.Moved(self, self.index))

    @property
    def issue(self) -> Issue | None:
        """The issue under the cursor."""
        if self.window is None or not len(self.window):
            return None
        self.window.need(self.index, self.index + 1)
        return self.window.row(self.index)

    def row_count(self) -> int:
        return len(self.window) if self.window else 0

    def draw_row(self, index: int, cells_wide: int, ground: str) -> Strip:
        window = self.window
        assert window is not None
        issue = window.row(index)
        if issue is None:
            top = self.scroll_offset.y
            window.need(min(index, top), max(index + 1, top + self.page))
            issue = window.row(index)
            if issue is None:
                return self.draw([], cells_wide, ground)
        marked = issue.id in self.marked
        key = (issue, cells_wide, ground, marked)
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) > MEMORY:
                self._strips.clear()
            runs = cells(issue, cells_wide, self.now, GLYPHS, marked=marked, sort=window.query.sort)
            lead = (Clean(GLYPHS.cursor if ground else " "), "accent")
            strip = self._strips[key] = self.draw([lead, *runs], cells_wide, ground)
        return strip

    def do_bottom(self) -> None:
        if self.window is not None:
            self.window.end()
            self.virtual_size = Size(self.scrollable_content_region.width, len(self.window))
        super().do_bottom()

    def move(self, index: int, *, direction: int = 0) -> None:
        if self.window is not None:
            before = len(self.window)
            self.window.need(index, index + 2)
            if len(self.window) != before:
                self.virtual_size = Size(self.scrollable_content_region.width, len(self.window))
        super().move(index, direction=direction)

    def counted(self, total: int) -> None:
        """Take the number of issues in the whole list."""
        if self.window is not None:
            self.window.set_total(total)
            self.rows_changed()

    def renew(self) -> bool:
        """Bring the rows on screen up to date in place; says whether any changed."""
        top = self.scroll_offset.y
        if self.window is not None and self.window.renew(top, top + self.page):
            self.now = datetime.now(UTC)
            self._strips.clear()
            self.refresh()
            return True
        return False

    def tick(self) -> None:
        """Bring the ages up to date; draws only if one of those on screen reads differently."""
        from triage.tui.wording import age

        now = datetime.now(UTC)
        top = self.scroll_offset.y
        for index in range(top, top + self.page):
            issue = self.window.row(index) if self.window else None
            if issue and age(issue.last_seen, now) != age(issue.last_seen, self.now):
                self.now = now
                self._strips.clear()
                self.refresh()
                return

    # -- marks

    def chosen(self) -> list[Issue]:
        """The marked issues that can be seen in the window, else the one under the cursor."""
        if self.marked and self.window is not None:
            return [issue for issue in self.window.rows if issue.id in self.marked]
        return [self.issue] if self.issue else []

    def chosen_ids(self) -> list[int]:
        """Ids of all marked issues, else of the one under the cursor."""
        if self.marked:
            return sorted(self.marked)
        return [self.issue.id] if self.issue else []

    def mark(self) -> None:
        """Mark or unmark the issue under the cursor, and go on to the next."""
        if (issue := self.issue) is not None:
            self.marked ^= {issue.id}
            self._last_mark = self.index
            self.refresh_row(self.index)
            self.do_down()

    def mark_range(self) -> None:
        """Mark all from the last mark to the cursor."""
        if self.window is None or self.issue is None:
            return
        first, last = sorted((min(self._last_mark, self.row_count() - 1), self.index))
        for index in range(max(first, last - 999), last + 1):
            self.window.need(index, index + 1)
            if (issue := self.window.row(index)) is not None:
                self.marked.add(issue.id)
        self._last_mark = self.index
        self.refresh()

    def unmark_all(self) -> None:
        """Forget all marks."""
        self.marked.clear()
        self.refresh()


class IssueHeading(Inked):
    """The names of the columns, above the list."""

    DEFAULT_CSS = "IssueHeading { height: 1; }"

    def __init__(self, issues: IssueList) -> None:
        super().__init__()
        self._issues = issues

    def render_line(self, y: int) -> Strip:
        window = self._issues.window
        sort = window.query.sort if window else "last_seen"
        inner = self._issues.scrollable_content_region.width or self.size.width
        return self.draw(heading(inner, sort), self.size.width)
