"""Two texts side by side, one below the other in one column, or one alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from textual.strip import Strip

from triage.domain.compare import Change, Row, Side, compare
from triage.tui.glyphs import GLYPHS
from triage.tui.python_ink import cut, inked_source, plain_source, wrapped
from triage.tui.text import Clean, clean, fit
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.inked import Inked, Run

NARROWEST_SPLIT = 100
NUMBERS = 5
MOST_COMPARED = 1_500


class Layout(StrEnum):
    """How two texts are laid out."""

    SPLIT = "side by side"
    STACKED = "one below the other"
    SINGLE = "alone"


@dataclass(frozen=True, slots=True)
class Pane:
    """One text. Two of one `kin` are compared line by line. `marked` is a line (counted from 1)
    to point at and to show first."""

    title: str
    text: str
    kin: str = ""
    marked: int | None = None


@dataclass(frozen=True, slots=True)
class _Cell:
    number: str
    sign: str
    ground: str
    pieces: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class _Visual:
    """One line of the screen: a cell each side; a side that has none is None."""

    left: _Cell | None
    right: _Cell | None


@lru_cache(maxsize=16)
def rows_between(old: str, new: str) -> tuple[Row, ...]:
    """What differs between two texts; the newer one is on the left, as in the panes."""
    return tuple(Row(row.change, row.right, row.left) for row in compare(old, new))


def comparable(left: Pane, right: Pane | None) -> bool:
    """Whether a line by line comparison tells something, and takes no time to speak of."""
    if right is None or not left.kin or left.kin != right.kin:
        return False
    return max(left.text.count("\n"), right.text.count("\n")) <= MOST_COMPARED


class CompareView(CursorView):
    """Scrolls both texts together; long lines are wrapped, so that nothing is cut off."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.left: Pane = Pane("", "")
        self.right: Pane | None = None
        self.layout_wanted = Layout.SPLIT
        self._visual: list[_Visual] = []
        self._start = 0
        self._built: tuple[object, ...] = ()
        self._fresh = False

    @property
    def has_cursor(self) -> bool:
        return False

    @property
    def layout_shown(self) -> Layout:
        """Side by side needs room; without it both go into one column."""
        if self.right is None:
            return Layout.SINGLE
        if self.layout_wanted is Layout.SPLIT and self.size.width < NARROWEST_SPLIT:
            return Layout.STACKED
        return self.layout_wanted

    def show_pair(self, left: Pane, right: Pane | None, *, keep: bool = False) -> None:
        """Show these two, from what is marked in them; `keep` stays where one is."""
        self.left = replace(left, text=plain_source(left.text))
        self.right = replace(right, text=plain_source(right.text)) if right is not None else None
        self._fresh = self._fresh or not keep
        self._rebuild()

    def lay_out(self, layout: Layout) -> None:
        """Change the layout."""
        self.layout_wanted = layout
        self._fresh = True
        self._rebuild()

    def row_count(self) -> int:
        # In halves the last line is to be reached in the upper one.
        return len(self._visual) + (self.page - self._half if self._in_halves else 0)

    @property
    def _in_halves(self) -> bool:
        """Whether two texts that cannot be compared line by line stand one above the other, each
        in its half, scrolled together."""
        return self.layout_shown is Layout.STACKED and not comparable(self.left, self.right)

    @property
    def _half(self) -> int:
        """Rows of the upper text; one more is the title of the lower."""
        return max(1, (self.page - 1) // 2)

    def render_line(self, y: int) -> Strip:
        if not self._in_halves or self.right is None:
            return super().render_line(y)
        cells, half = self.scrollable_content_region.width, self._half
        if y == half:
            return self.draw([(clean(f" {self.right.title}"), "strong")], cells, "bar")
        index = self.scroll_offset.y + (y if y < half else y - half - 1)
        item = self._visual[index] if index < len(self._visual) else _Visual(None, None)
        return self._cell(item.left if y < half else item.right, cells)

    def on_resize(self) -> None:
        self._rebuild()

    def draw_row(self, index: int, cells: int, ground: str) -> Strip:
        item = self._visual[index]
        if self.layout_shown is Layout.SPLIT:
            left = (cells - 1) // 2
            bar = self.draw([(Clean(GLYPHS.bar), "faint")], 1)
            return Strip.join([self._cell(item.left, left), bar, self._cell(item.right, cells - left - 1)])
        return self._cell(item.left or item.right, cells)

    # -- building

    def _rebuild(self) -> None:
        cells = self.scrollable_content_region.width
        if cells <= 0 or self.page <= 1:
            return
        layout = self.layout_shown
        key = (cells, layout, self.left, self.right)
        if key != self._built:
            self._built = key
            self._visual = self._split(cells) if layout is Layout.SPLIT else self._column(layout)
            # Room below, so that what is to be seen first can be scrolled to.
            short = self._start + self.page - self.row_count() if self._start else 0
            self._visual += [_Visual(None, None)] * short
            self.rows_changed()
            self.call_after_refresh(self._rebuild)  # a scroll bar that came takes its cells
        if self._fresh:
            self._fresh = False
            start = min(self._start, max(0, self.row_count() - self.page))
            self.scroll_to(y=start, animate=False, force=True)

    def _split(self, cells: int) -> list[_Visual]:
        assert self.right is not None
        width = (cells - 1) // 2
        if comparable(self.left, self.right):
            rows = [
                _Visual(*pair)
                for row in rows_between(self.right.text, self.left.text)
                for pair in _paired(
                    _cells(row.left, self.left, row.change, "added", width),
                    _cells(row.right, self.right, row.change, "removed", cells - width - 1),
                )
            ]
            changes = (at for at, row in enumerate(rows) if any(cell and cell.ground for cell in (row.left, row.right)))
            first = next(changes, None)
            self._start = self._anchor(rows_first_mark(rows) if first is None else first)
            return rows
        return self._aligned(_plain(self.left, width), _plain(self.right, cells - width - 1), self.page)

    def _aligned(self, left: list[_Cell], right: list[_Cell], page: int) -> list[_Visual]:
        """What is marked on the two sides comes into sight together; the other side begins lower."""
        # A text whose mark is near its end is shown from where it fills the page.
        heads = [min(self._anchor(_mark(side), page), max(0, len(side) - page)) for side in (left, right)]
        self._start = max(heads)
        lefts: list[_Cell | None] = [*[None] * (self._start - heads[0]), *left]
        rights: list[_Cell | None] = [*[None] * (self._start - heads[1]), *right]
        return [_Visual(*pair) for pair in _paired(lefts, rights)]

    def _column(self, layout: Layout) -> list[_Visual]:
        cells = self.scrollable_content_region.width
        if layout is Layout.SINGLE or self.right is None:
            own = _plain(self.left, cells)
            self._start = self._anchor(_mark(own))
            return [_Visual(cell, None) for cell in own]
        if comparable(self.left, self.right):
            shown: list[_Cell] = []
            for row in rows_between(self.right.text, self.left.text):
                new = _cells(row.left, self.left, row.change, "added", cells)
                old = _cells(row.right, self.right, row.change, "removed", cells)
                shown += new if row.change is Change.SAME else [*old, *new]
            first = next((at for at, cell in enumerate(shown) if cell.sign in "+-"), None)
            self._start = self._anchor(first)
            return [_Visual(cell, None) for cell in shown]
        return self._aligned(_plain(self.left, cells), _plain(self.right, cells), self._half)

    def _anchor(self, row: int | None, page: int | None = None) -> int:
        """The first row to show so that `row` is in sight: the top where that will do."""
        page = self.page if page is None else page
        return 0 if row is None or row < page * 2 // 3 else row - page // 3

    def _cell(self, cell: _Cell | None, cells: int) -> Strip:
        if cell is None:
            return self.draw((), cells)
        sign_ink = {"+": "good", "-": "bad"}.get(cell.sign, "accent")
        number = Clean(cell.number.rjust(NUMBERS - 1) + " ")
        sign = Clean((cell.sign or " ") + " ")
        return self.draw([(number, "gutter"), (sign, sign_ink), *cell.pieces], cells, cell.ground)


class CompareHeading(Inked):
    """The titles above the two texts."""

    DEFAULT_CSS = "CompareHeading { height: 1; }"

    def __init__(self, view: CompareView) -> None:
        super().__init__()
        self._view = view

    def render_line(self, y: int) -> Strip:
        view, cells = self._view, self.size.width
        left, right = view.left, view.right
        if view.layout_shown is Layout.SPLIT and right is not None:
            # The panes end where their scrollbar begins.
            half = (view.scrollable_content_region.width - 1) // 2
            return self.draw(
                [
                    (fit(clean(f" {left.title}"), half), "strong"),
                    (Clean(GLYPHS.bar), "faint"),
                    (fit(clean(f" {right.title}"), cells - half - 1), "strong"),
                ],
                cells,
                "bar",
            )
        against = f"  against {right.title}" if view.layout_shown is Layout.STACKED and right is not None else ""
        if not comparable(left, right):
            against = ""
        return self.draw([(clean(f" {left.title}"), "strong"), (clean(against), "dim")], cells, "bar")


def rows_first_mark(rows: Sequence[_Visual]) -> int | None:
    """The first row with a mark on either side."""
    marks = (at for at, row in enumerate(rows) if any(c and c.sign == GLYPHS.crash for c in (row.left, row.right)))
    return next(marks, None)


def _mark(cells: Sequence[_Cell]) -> int | None:
    return next((at for at, cell in enumerate(cells) if cell.sign == GLYPHS.crash), None)


def _paired(left: Sequence[_Cell | None], right: Sequence[_Cell | None]) -> list[tuple[_Cell | None, _Cell | None]]:
    rows = max(len(left), len(right))
    return [(left[at] if at < len(left) else None, right[at] if at < len(right) else None) for at in range(rows)]


def _plain(pane: Pane, width: int) -> list[_Cell]:
    """A text on its own, nothing compared."""
    sides = (Side(number, text) for number, text in enumerate(pane.text.splitlines(), 1))
    return [cell for side in sides for cell in _cells(side, pane, Change.SAME, "", width)]


def _cells(side: Side | None, pane: Pane, change: Change, word: str, width: int) -> list[_Cell]:
    """One line of a text, wrapped to `width`; `word` is "added" or "removed"."""
    if side is None:
        return []
    inked = inked_source(pane.text)
    runs = inked[side.number - 1] if side.number <= len(inked) else ((clean(side.text), "text"),)
    changed = change is not Change.SAME
    ground = word if changed else ""
    sign = ("+" if word == "added" else "-") if changed else ""
    if pane.marked == side.number and not changed:
        sign, ground = GLYPHS.crash, "band" if pane.kin == "source" else ""
    pieces = _pieces(runs, side.spans if changed else (), f"{word}-word")
    return [
        _Cell(str(side.number) if not place else "", sign if not place else "", ground, line)
        for place, line in enumerate(wrapped(pieces, max(8, width - NUMBERS - 2)))
    ]


def _pieces(runs: tuple[Run, ...], spans: Sequence[tuple[int, int]], word: str) -> tuple[Run, ...]:
    length = sum(len(text) for text, _ in runs)
    pieces: list[Run] = []
    at = 0
    for start, end in spans:
        pieces += cut(runs, at, min(start, length))
        pieces += [(text, f"{ink}/{word}") for text, ink in cut(runs, start, min(end, length))]
        at = end
    return (*pieces, *cut(runs, at, length))
