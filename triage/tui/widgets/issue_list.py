"""The inbox's list: a window over the store, drawn line by line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from textual import events
from textual.geometry import Size
from textual.strip import Strip

from triage.domain.issue import Group, Issue
from triage.tui.columns import cells, column_at, heading
from triage.tui.glyphs import GLYPHS
from triage.tui.grouped_window import GroupedWindow, Window
from triage.tui.text import Clean, clean, fit, width
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.inked import Inked, Run
from triage.tui.wording import plural

MEMORY = 160
MOST_MARKED = 1_000
"""As many issues are marked by one key at most."""


class IssueList(CursorView):
    """Rows of a window over the issues; remembers which are marked. Headings of groups are rows, too."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.window: Window | None = None
        self.marked: set[int] = set()
        self.now = datetime.now(UTC)
        self.followed: Callable[[], object] = lambda: None
        """Called as the cursor moves, within the key press: what follows it is in the same frame."""
        self._strips: dict[tuple[object, ...], Strip] = {}
        self._last_mark = 0

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def show(self, window: Window, index: int = 0, top: int | None = None) -> None:
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

    @property
    def group(self) -> Group | None:
        """The group whose heading is under the cursor."""
        return self.window.heading(self.index) if self.window is not None else None

    def row_count(self) -> int:
        return len(self.window) if self.window else 0

    def draw_row(self, index: int, cells_wide: int, ground: str) -> Strip:
        window = self.window
        assert window is not None
        if (group := window.heading(index)) is not None:
            return self._draw_heading(window, group, cells_wide, ground)
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

    def _draw_heading(self, window: Window, group: Group, cells_wide: int, ground: str) -> Strip:
        assert isinstance(window, GroupedWindow)
        sign = GLYPHS.closed if window.is_folded(group) else GLYPHS.open
        name = clean(group.value, 200) if group.value else Clean(f"no {window.by}")
        count = Clean(plural(group.count, "issue"))
        room = max(1, cells_wide - 6 - width(count))
        runs: list[Run] = [
            (Clean(GLYPHS.cursor if ground else " "), "accent"),
            (Clean(f"{sign} "), "head-sorted"),
            (fit(name, min(room, width(name))), "head-sorted"),
            (Clean("  "), "text"),
            (count, "dim"),
        ]
        return self.draw(runs, cells_wide, ground)

    def do_open(self) -> None:
        if (group := self.group) is not None and isinstance(self.window, GroupedWindow):
            self.fold(group, not self.window.is_folded(group))
        else:
            super().do_open()

    def fold(self, group: Group, folded: bool) -> None:
        """Show only the heading of a group, or its issues as well."""
        if isinstance(self.window, GroupedWindow):
            self.window.fold(group, folded)
            self.rows_changed()

    def fold_all(self) -> None:
        """Headings only; if they are that already, everything again."""
        window = self.window
        if isinstance(window, GroupedWindow) and window.has_headings:
            place = self.group or window.heading(window.start_of(self.index))
            window.fold_all(not all(window.is_folded(group) for group in window.groups))
            starts = [at for at in range(len(window.groups)) if window.groups[at] == place]
            self.index = window.heading_at(starts[0]) if starts else 0
            self.rows_changed()
            self.reveal(self.index)
            self.post_message(self.Moved(self, self.index))
            self.followed()

    def to_group(self, step: int) -> bool:
        """To the next heading, or the one before; says whether there are any."""
        window = self.window
        if not isinstance(window, GroupedWindow) or not window.groups:
            return False
        self.move(window.next_start(self.index, step))
        return True

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
        was = self.index
        super().move(index, direction=direction)
        if self.index != was:
            self.followed()

    def counted(self, total: int) -> None:
        """Take the number of issues in the whole list."""
        if self.window is not None:
            self.window.set_total(total)
            self.rows_changed()

    def visible_ids(self) -> list[int]:
        """The issues on screen."""
        top = self.scroll_offset.y
        window = self.window
        shown = [window.row(index) for index in range(top, top + self.page)] if window is not None else []
        return [issue.id for issue in shown if issue is not None]

    def renew(self, fresh: Mapping[int, Issue]) -> bool:
        """Show these values of issues on screen, in place; says whether any differ."""
        top = self.scroll_offset.y
        changed = self.window.renew(fresh, top, top + self.page) if self.window is not None else []
        if changed:
            self.now = datetime.now(UTC)
            for index in changed:
                self.refresh_row(index)
        return bool(changed)

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
        if (group := self.group) is not None:
            self._mark_group(group)
        if (issue := self.issue) is not None:
            self.marked ^= {issue.id}
            self._last_mark = self.index
            self.refresh_row(self.index)
            self.do_down()

    def _mark_group(self, group: Group) -> None:
        """Mark the issues of a group, as many as may be marked at once; or unmark them."""
        window = self.window
        assert window is not None
        first = self.index + 1
        found: set[int] = set()
        for index in range(first, min(first + group.count, first + MOST_MARKED, len(window))):
            window.need(index, index + 1)
            if window.heading(index) is not None:
                break
            if (issue := window.row(index)) is not None:
                found.add(issue.id)
        self.marked = self.marked - found if found <= self.marked else self.marked | found
        self.refresh()

    def mark_range(self) -> None:
        """Mark all from the last mark to the cursor."""
        if self.window is None or not self.row_count():
            return
        first, last = sorted((min(self._last_mark, self.row_count() - 1), self.index))
        for index in range(max(first, last - MOST_MARKED + 1), last + 1):
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

    def __init__(self, issues: IssueList, chosen: Callable[[str], object]) -> None:
        super().__init__()
        self._issues = issues
        self._chosen = chosen

    def on_click(self, event: events.Click) -> None:
        """Hand on the column that was clicked."""
        column = column_at(self._issues.scrollable_content_region.width or self.size.width, event.x)
        if column is not None:
            self._chosen(column)

    def render_line(self, y: int) -> Strip:
        window = self._issues.window
        sort = window.query.sort if window else "last_seen"
        inner = self._issues.scrollable_content_region.width or self.size.width
        return self.draw(heading(inner, sort), self.size.width)
