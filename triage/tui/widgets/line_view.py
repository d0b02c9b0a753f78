"""A scrolling panel of prepared lines, with or without a cursor, in which text can be found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual.strip import Strip

from triage.tui.glyphs import GLYPHS
from triage.tui.text import Clean
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.inked import Run


@dataclass(frozen=True, slots=True)
class Line:
    """One line of runs. `key` says what it stands for; `ground` is its background ("" none).

    Only lines with a key can have the cursor.
    """

    runs: tuple[Run, ...]
    key: object = None
    ground: str = ""

    @property
    def text(self) -> str:
        """What it reads."""
        return "".join(text for text, _ in self.runs)


def line(*runs: Run, key: object = None, ground: str = "") -> Line:
    """A line of runs."""
    return Line(runs, key, ground)


BLANK = Line(())


class LineView(CursorView):
    """Shows lines. With `cursor` the user chooses among those that have a key; else it scrolls."""

    def __init__(self, *, id: str | None = None, classes: str | None = None, cursor: bool = False) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: Sequence[Line] = ()
        self._cursor = cursor
        self._choosable = False
        self._strips: dict[tuple[int, int, str], Strip] = {}
        self.needle = ""

    @property
    def lines(self) -> Sequence[Line]:
        return self._lines

    @property
    def has_cursor(self) -> bool:
        return self._cursor and self._choosable

    @property
    def key(self) -> object:
        """The key of the line under the cursor, None without one."""
        return self._lines[self.index].key if self.has_cursor and self.index < len(self._lines) else None

    def show(self, lines: Iterable[Line], *, at: object = None, top: bool = False) -> None:
        """Show other lines. The cursor goes to the line with key `at`, else stays on its key;
        `top` scrolls to the start first."""
        key = at if at is not None else self.key
        shown = tuple(lines)
        if shown == self._lines and key == self.key and not top:
            return
        self._lines = shown
        self._choosable = any(item.key is not None for item in shown)
        self._strips.clear()
        if self._cursor:
            found = next((place for place, item in enumerate(self._lines) if item.key == key and key is not None), None)
            if found is None:
                found = self._nearest(min(self.index, len(self._lines) - 1), 1, len(self._lines)) if self._lines else 0
            self.index = max(0, found)
        self.rows_changed()
        if top:
            self.scroll_to(y=0, animate=False, force=True)
        if self.has_cursor:
            self.call_after_refresh(self._show_cursor)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def row_count(self) -> int:
        return len(self._lines)

    def selectable(self, index: int) -> bool:
        return self._lines[index].key is not None

    def draw_row(self, index: int, cells: int, ground: str) -> Strip:
        item = self._lines[index]
        ground = ground or item.ground
        key = (index, cells, ground)
        strip = self._strips.get(key)
        if strip is None:
            runs: list[Run] = list(item.runs)
            if self._cursor:
                sign = GLYPHS.cursor if index == self.index and self.has_cursor else " "
                runs.insert(0, (Clean(sign), "accent"))
            if self.needle:
                runs = list(with_hits(runs, self.needle))
            strip = self._strips[key] = self.draw(runs, cells, ground)
        return strip

    def move(self, index: int, *, direction: int = 0) -> None:
        old = self.index
        super().move(index, direction=direction)
        if old != self.index:
            for key in [key for key in self._strips if key[0] in (old, self.index)]:
                del self._strips[key]

    # -- finding

    def find(self, needle: str) -> bool:
        """Mark all hits and go to the next from here; says whether there is one."""
        self.needle = needle.casefold()
        self._strips.clear()
        self.refresh()
        return not needle or self._go(0, 1)

    def do_next(self) -> bool:
        return self._go(1, 1)

    def do_previous(self) -> bool:
        return self._go(-1, -1)

    def _go(self, skip: int, step: int) -> bool:
        rows = self.row_count()
        here = self.index if self._cursor else self._hit
        for distance in range(rows):
            at = (here + skip + distance * step) % rows
            if self.needle and self.needle in self.text_of(at).casefold():
                self._hit = at
                if self._cursor and self.selectable(at):
                    self.move(at)
                else:
                    self.reveal(at)
                return True
        return False

    def text_of(self, row: int) -> str:
        """What a row reads."""
        return self._lines[row].text

    _hit = 0


def with_hits(runs: Iterable[Run], needle: str) -> Iterable[Run]:
    """The runs with every hit of `needle` (case-folded) in an ink of its own."""
    for text, ink in runs:
        rest = str(text)
        while (at := rest.casefold().find(needle)) >= 0:
            if at:
                yield Clean(rest[:at]), ink
            yield Clean(rest[at : at + len(needle)]), "hit/found"
            rest = rest[at + len(needle) :]
        if rest:
            yield Clean(rest), ink
