"""Two texts side by side, one above the other in one column, or one alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rich.cells import cell_len
from textual.strip import Strip

from triage.domain.compare import Change, Row, Side, compare
from triage.tui.glyphs import GLYPHS
from triage.tui.python_ink import cut, inked_source
from triage.tui.text import Clean, clean, fit
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.inked import Inked, Run

NARROWEST_SPLIT = 100
NUMBERS = 5


class Layout(StrEnum):
    """How two texts are laid out."""

    SPLIT = "side by side"
    UNIFIED = "unified"
    SINGLE = "single"


@dataclass(frozen=True, slots=True)
class Pane:
    """One text. `akin`: its differences to the other one are worth showing line by line.
    `marked` is a line (counted from 1) to point at and to show first."""

    title: str
    text: str
    akin: bool = False
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


class CompareView(CursorView):
    """Scrolls both texts together; long lines are wrapped, so that nothing is cut off."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.left: Pane = Pane("", "")
        self.right: Pane | None = None
        self.layout_wanted = Layout.SPLIT
        self._visual: list[_Visual] = []
        self._built: tuple[object, ...] = ()

    @property
    def has_cursor(self) -> bool:
        return False

    @property
    def layout_shown(self) -> Layout:
        """Side by side needs room; without it both go into one column."""
        if self.right is None:
            return Layout.SINGLE
        if self.layout_wanted is Layout.SPLIT and self.size.width < NARROWEST_SPLIT:
            return Layout.UNIFIED if self.right.akin else Layout.SINGLE
        return self.layout_wanted

    def show_pair(self, left: Pane, right: Pane | None, *, keep: bool = False) -> None:
        """Show these two; `keep` stays where one is."""
        self.left, self.right = left, right
        self._rebuild()
        if not keep:
            self.scroll_to(y=0, animate=False, force=True)
            self.call_after_refresh(self._show_marked)

    def lay_out(self, layout: Layout) -> None:
        """Change the layout."""
        self.layout_wanted = layout
        self._rebuild()

    def row_count(self) -> int:
        return len(self._visual)

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

    def _show_marked(self) -> None:
        marks = [pane.marked for pane in (self.left, self.right) if pane is not None and pane.marked]
        if not marks:
            return
        wanted = {str(mark) for mark in marks}
        for place, item in enumerate(self._visual):
            cells = [cell for cell in (item.left, item.right) if cell is not None and cell.sign == GLYPHS.crash]
            if any(cell.number in wanted for cell in cells):
                self.scroll_to(y=max(0, place - self.page // 3), animate=False, force=True)
                return

    def _rebuild(self) -> None:
        cells = self.scrollable_content_region.width
        if cells <= 0:
            return
        layout = self.layout_shown
        key = (cells, layout, self.left, self.right)
        if key == self._built:
            return
        self._built = key
        width = (cells - 1) // 2 if layout is Layout.SPLIT else cells
        if layout is Layout.SINGLE or self.right is None:
            rows = [Row(Change.SAME, side, None) for side in _sides(self.left.text)]
        elif self.right.akin:
            rows = compare(self.right.text, self.left.text)
            rows = [Row(row.change, row.right, row.left) for row in rows]
        else:
            rows = _abreast(_sides(self.left.text), _sides(self.right.text))
        self._visual = list(self._lines(rows, layout, width))
        self.rows_changed()

    def _lines(self, rows: Sequence[Row], layout: Layout, width: int) -> list[_Visual]:
        lefts = inked_source(self.left.text)
        rights = inked_source(self.right.text) if self.right else ()
        made: list[_Visual] = []
        for row in rows:
            new = _cells(row.left, lefts, row.change, "added", width, self.left.marked)
            old = _cells(row.right, rights, row.change, "removed", width, self.right.marked if self.right else None)
            if layout is Layout.SPLIT:
                for place in range(max(len(new), len(old))):
                    made.append(
                        _Visual(
                            new[place] if place < len(new) else None,
                            old[place] if place < len(old) else None,
                        )
                    )
            else:
                shown = new if row.change is Change.SAME else [*old, *new]
                made += [_Visual(cell, None) for cell in shown]
        return made

    def _cell(self, cell: _Cell | None, cells: int) -> Strip:
        if cell is None:
            return self.draw((), cells)
        sign_ink = {"+": "good", "-": "bad"}.get(cell.sign, "accent")
        number = Clean(cell.number.rjust(NUMBERS - 1) + " ")
        return self.draw([(number, "gutter"), (Clean(cell.sign + " "), sign_ink), *cell.pieces], cells, cell.ground)


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
            half = (cells - 1) // 2
            return self.draw(
                [
                    (fit(clean(f" {left.title}"), half), "strong"),
                    (Clean(GLYPHS.bar), "faint"),
                    (fit(clean(f" {right.title}"), cells - half - 1), "dim"),
                ],
                cells,
            )
        against = f"  against {right.title}" if right is not None and view.layout_shown is Layout.UNIFIED else ""
        return self.draw([(clean(f" {left.title}"), "strong"), (clean(against), "dim")], cells)


def _sides(text: str) -> list[Side]:
    return [Side(number, line) for number, line in enumerate(text.splitlines(), 1)]


def _abreast(left: list[Side], right: list[Side]) -> list[Row]:
    rows = max(len(left), len(right))
    return [
        Row(Change.SAME, left[at] if at < len(left) else None, right[at] if at < len(right) else None)
        for at in range(rows)
    ]


def _cells(
    side: Side | None,
    inked: Sequence[tuple[Run, ...]],
    change: Change,
    word: str,
    width: int,
    marked: int | None,
) -> list[_Cell]:
    """One line of a text, wrapped to `width`; `word` is "added" or "removed"."""
    if side is None:
        return []
    runs = inked[side.number - 1] if side.number <= len(inked) else ((clean(side.text), "text"),)
    changed = change is not Change.SAME
    ground = word if changed else ""
    sign = ("+" if word == "added" else "-") if changed else " "
    if marked == side.number:
        sign, ground = GLYPHS.crash, ground or "band"
    pieces = _pieces(runs, side.spans if changed else (), f"{word}-word")
    room = max(8, width - NUMBERS - 2)
    wrapped = _wrapped(pieces, room)
    return [
        _Cell(str(side.number) if not place else "", sign if not place else " ", ground, line)
        for place, line in enumerate(wrapped)
    ]


def _pieces(runs: tuple[Run, ...], spans: Sequence[tuple[int, int]], word: str) -> list[Run]:
    length = sum(len(text) for text, _ in runs)
    pieces: list[Run] = []
    at = 0
    for start, end in spans:
        pieces += cut(runs, at, min(start, length))
        pieces += [(text, f"{ink}/{word}") for text, ink in cut(runs, start, min(end, length))]
        at = end
    return [*pieces, *cut(runs, at, length)]


def _wrapped(pieces: Sequence[Run], room: int) -> list[tuple[Run, ...]]:
    lines: list[list[Run]] = [[]]
    left = room
    for text, ink in pieces:
        rest: str = text
        while rest:
            taken = _fitting(rest, left)
            if not taken:
                lines.append([])
                left = room
                taken = _fitting(rest, left) or rest[:1]
            lines[-1].append((Clean(taken), ink))
            left -= cell_len(taken)
            rest = rest[len(taken) :]
    return [tuple(line) for line in lines]


def _fitting(text: str, cells: int) -> str:
    """As much of the start of `text` as fits."""
    if cells <= 0:
        return ""
    if text.isascii():
        return text[:cells]
    used = 0
    for place, char in enumerate(text):
        used += cell_len(char)
        if used > cells:
            return text[:place]
    return text
