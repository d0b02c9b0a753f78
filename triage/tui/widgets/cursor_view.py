"""The base of every list: a cursor over rows that are drawn one by one when they come into view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from triage.tui.widgets.inked import Inked


class CursorView(ScrollView, Inked, can_focus=True, inherit_bindings=False):
    """A subclass says how many rows there are and draws one; the keys are the scope `list`'s."""

    DEFAULT_CSS = """
    CursorView { overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }
    """
    ALLOW_SELECT: ClassVar[bool] = False

    @dataclass
    class Moved(Message):
        """The cursor stands on another row."""

        view: CursorView
        index: int

        @property
        def control(self) -> CursorView:
            return self.view

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, CursorView.Moved) and message.view is self.view

    @dataclass
    class Opened(Message):
        """The row under the cursor was chosen (enter, l, a second click)."""

        view: CursorView
        index: int

        @property
        def control(self) -> CursorView:
            return self.view

    @dataclass
    class Left(Message):
        """The user went back from this list (h, left)."""

        view: CursorView

        @property
        def control(self) -> CursorView:
            return self.view

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.index = 0
        self.in_charge = False
        """Shows its cursor as if it had the focus, for lists under a search line that has it."""
        self.heading: Widget | None = None
        """What stands above it as its title, where that is no border."""

    # -- what a subclass says

    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def draw_row(self, index: int, cells: int, ground: str) -> Strip:
        """Row `index` as a strip of `cells`."""
        raise NotImplementedError

    def selectable(self, index: int) -> bool:
        """Whether the cursor may stand on this row."""
        return True

    # -- drawing

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        if index >= self.row_count():
            return Strip.blank(width, self.ink("text"))
        return self.draw_row(index, width, self.ground(index))

    def ground(self, index: int) -> str:
        """The background of a row."""
        if index != self.index or not self.has_cursor:
            return ""
        return "cursor" if self.has_focus or self.in_charge else "cursor-blurred"

    @property
    def has_cursor(self) -> bool:
        """Whether a row is marked as chosen."""
        return True

    def rows_changed(self) -> None:
        """Call when the number or content of rows changed."""
        rows = self.row_count()
        self.index = min(self.index, max(0, rows - 1))
        self.virtual_size = Size(self.scrollable_content_region.width, rows)
        self.refresh()

    def on_resize(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, self.row_count())
        self.call_after_refresh(self._show_cursor)

    def _show_cursor(self) -> None:
        if self.has_cursor:
            self.reveal(self.index)

    def on_focus(self) -> None:
        self.refresh_row(self.index)

    def on_blur(self) -> None:
        self.refresh_row(self.index)

    def refresh_row(self, index: int) -> None:
        """Draw one row again."""
        y = index - self.scroll_offset.y
        if 0 <= y < self.scrollable_content_region.height:
            self.refresh(Region(0, y, self.size.width, 1))

    # -- moving

    @property
    def page(self) -> int:
        """Rows that fit."""
        return max(1, self.scrollable_content_region.height)

    def move(self, index: int, *, direction: int = 0) -> None:
        """Put the cursor on the nearest selectable row to `index`, looking in `direction` first."""
        rows = self.row_count()
        if not rows:
            return
        index = max(0, min(index, rows - 1))
        index = self._nearest(index, direction or (1 if index >= self.index else -1), rows)
        if index == self.index:
            self.reveal(index)
            return
        old, self.index = self.index, index
        scrolled = self.reveal(index)
        if not scrolled:
            self.refresh_row(old)
            self.refresh_row(index)
        self.post_message(self.Moved(self, index))

    def _nearest(self, index: int, direction: int, rows: int) -> int:
        for step in (direction, -direction):
            at = index
            while 0 <= at < rows:
                if self.selectable(at):
                    return at
                at += step
        return self.index

    def reveal(self, index: int) -> bool:
        """Scroll as little as shows the row; says whether it scrolled."""
        top = self.scroll_offset.y
        height = self.page
        if index < top:
            target = index
        elif index >= top + height:
            target = index - height + 1
        else:
            return False
        self.scroll_to(y=target, animate=False, force=True)
        return True

    def do_down(self) -> None:
        self.move(self.index + 1, direction=1) if self.has_cursor else self._scroll(1)

    def do_up(self) -> None:
        self.move(self.index - 1, direction=-1) if self.has_cursor else self._scroll(-1)

    def do_top(self) -> None:
        self.move(0, direction=1) if self.has_cursor else self._scroll(-self.row_count())

    def do_bottom(self) -> None:
        self.move(self.row_count() - 1, direction=-1) if self.has_cursor else self._scroll(self.row_count())

    def do_half_down(self) -> None:
        self._page(self.page // 2)

    def do_half_up(self) -> None:
        self._page(-(self.page // 2))

    def do_page_down(self) -> None:
        self._page(self.page - 1)

    def do_page_up(self) -> None:
        self._page(1 - self.page)

    def do_open(self) -> None:
        if self.row_count():
            self.post_message(self.Opened(self, self.index))

    def do_back(self) -> None:
        self.post_message(self.Left(self))

    def _page(self, rows: int) -> None:
        rows = rows or 1
        if not self.has_cursor:
            self._scroll(rows)
            return
        self._scroll(rows)
        self.move(self.index + rows)

    def _scroll(self, rows: int) -> None:
        limit = max(0, self.row_count() - self.page)
        self.scroll_to(y=max(0, min(limit, self.scroll_offset.y + rows)), animate=False, force=True)

    # -- mouse

    async def _on_click(self, event: events.Click) -> None:
        index = event.y + self.scroll_offset.y
        if not (0 <= index < self.row_count()) or event.x >= self.scrollable_content_region.width:
            return
        if not self.selectable(index):
            return
        again = index == self.index and event.chain > 1
        self.move(index)
        if again:
            self.do_open()

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._scroll(3)
        event.stop()

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._scroll(-3)
        event.stop()
