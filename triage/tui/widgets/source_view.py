"""A whole source file with a cursor: only the lines in view are coloured, drawn and looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from textual.message import Message
from textual.strip import Strip

from triage.tui.glyphs import GLYPHS
from triage.tui.ink_lines import InkedFile
from triage.tui.text import Clean, clean, fit, width
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import Line, LineView, with_hits

GHOST = 60
LEAST_GHOST = 8


@dataclass(frozen=True, slots=True)
class Margin:
    """What stands beside a line: `ran` is "yes", "no" or "unknown", `sign` a mark for a line that
    differs on the other side ("" none), `note` words behind the line."""

    ran: str = "unknown"
    sign: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class SourceLines:
    """A file as the view shows it. `first` is the number of its first line; `notes` stand above
    it, `below` under the line that failed. `ghosts` are the values beside a line, as (name, value).
    `margin` is asked for each line that is drawn."""

    inked: InkedFile
    lines: Sequence[str]
    first: int = 1
    crash: int | None = None
    notes: tuple[Line, ...] = ()
    ghosts: Mapping[int, Sequence[tuple[str, str]]] = field(default_factory=dict)
    below: tuple[Line, ...] = ()

    @property
    def rows(self) -> int:
        return len(self.notes) + len(self.lines) + len(self.below)

    def row_of(self, number: int) -> int:
        """The row of a line."""
        row = len(self.notes) + number - self.first
        return row + len(self.below) if self.crash is not None and number > self.crash else row

    def at(self, row: int) -> int | Line:
        """What stands in a row: a line's number, or one of our own lines."""
        if row < len(self.notes):
            return self.notes[row]
        number = row - len(self.notes) + self.first
        if self.crash is None or number <= self.crash:
            return number
        extra = number - self.crash - 1
        return self.below[extra] if extra < len(self.below) else number - len(self.below)

    def margin(self, number: int) -> Margin:
        """Nothing is known of the lines of a frame that is in no checkout."""
        return Margin()


class SourceView(LineView):
    """Keeps its cursor on a line number."""

    @dataclass
    class Scrolled(Message):
        """Other lines came into view."""

        view: SourceView
        first: int
        last: int

        @property
        def control(self) -> SourceView:
            return self.view

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, SourceView.Scrolled) and message.view is self.view

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, cursor=True)
        self.source: SourceLines | None = None
        self._told: tuple[int, int] = (0, 0)
        self._remark: tuple[int, Clean] | None = None

    # -- what is shown

    def show_source(self, source: SourceLines, at: int | None) -> None:
        """Show a file with the cursor on line `at`, a third of the way down the panel."""
        self.source = source
        self._remark = None
        self._told = (0, 0)
        self._strips.clear()
        rows = self.row_count()
        line = at if at is not None else source.first
        self.index = max(0, min(rows - 1, source.row_of(line))) if rows else 0
        if rows and not self.selectable(self.index):
            self.index = self._nearest(self.index, 1, rows)
        self.rows_changed()
        # Notes above the first lines stay in view while there is room for them and the cursor.
        top = 0 if self.index + len(source.below) < self.page * 2 // 3 else self.index - self.page // 3
        self.scroll_to(y=max(0, min(top, rows - self.page)), animate=False, force=True)
        self._tell()

    def redraw(self, source: SourceLines | None = None) -> None:
        """Draw the lines again: more is known of them. Another `source` must have the same rows."""
        if source is not None:
            self.source = source
        self._strips.clear()
        self.refresh()

    def remark(self, number: int, text: str) -> None:
        """Words behind one line, until another is remarked on ("" takes them away)."""
        self._remark = (number, clean(text, 300)) if text else None
        self.redraw()

    @property
    def number(self) -> int | None:
        """The number of the line under the cursor."""
        source = self.source
        if source is None or not source.lines:
            return None
        found = source.at(self.index)
        return found if isinstance(found, int) else None

    @property
    def key(self) -> object:
        return self.number

    @property
    def has_cursor(self) -> bool:
        return self.source is not None and bool(self.source.lines)

    def go(self, number: int) -> None:
        """Put the cursor on a line."""
        if self.source is not None:
            self.move(self.source.row_of(number))

    # -- rows

    def row_count(self) -> int:
        return self.source.rows if self.source else 0

    def selectable(self, index: int) -> bool:
        return self.source is not None and isinstance(self.source.at(index), int)

    def draw_row(self, index: int, cells: int, ground: str) -> Strip:
        source = self.source
        assert source is not None
        stands = source.at(index)
        crashed = stands == source.crash
        ground = ground or ("band" if crashed else "")
        chosen = index == self.index and self.has_cursor
        key = (index, cells, ground + ("*" if chosen else ""))
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) > 2_000:
                self._strips.clear()
            sign = GLYPHS.cursor if chosen else " "
            runs: list[Run] = [(Clean(sign), "accent")]
            if isinstance(stands, int):
                runs += self._line(source, stands, crashed, chosen, cells - 1)
            else:
                runs += stands.runs
            if self.needle:
                runs = list(with_hits(runs, self.needle))
            strip = self._strips[key] = self.draw(runs, cells, ground)
        return strip

    def _line(self, source: SourceLines, number: int, crashed: bool, chosen: bool, cells: int) -> list[Run]:
        margin = source.margin(number)
        digits = gutter(source.first + len(source.lines) - 1) - 3
        ran = {"yes": (GLYPHS.bar, "covered"), "no": (GLYPHS.uncovered, "warn")}.get(margin.ran, (" ", "gutter"))
        mark = (GLYPHS.crash, "bad") if crashed else (margin.sign or " ", "warn")
        runs: list[Run] = [
            (Clean(f"{number:>{digits}}"), "bad" if crashed else "gutter"),
            (Clean(ran[0]), ran[1]),
            (Clean(mark[0]), mark[1]),
            (Clean(" "), "text"),
            *source.inked.line(number - source.first + 1),
        ]
        used = sum(width(text) for text, _ in runs)
        note = self._remark[1] if self._remark and self._remark[0] == number else Clean("")
        if note:
            runs.append((fit(Clean(f"   {note}"), max(0, cells - used)), "accent"))
            return runs
        if margin.note and (chosen or crashed or margin.sign == ""):
            text = clean(f"   {GLYPHS.arrow} {margin.note}", 120)
            if used + width(text) <= cells:
                runs.append((text, "warn"))
                used += width(text)
        return [*runs, *ghost_runs(source.ghosts.get(number, ()), cells - used)]

    # -- what came into view

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._tell()

    def _tell(self) -> None:
        source = self.source
        if source is None or not self.is_attached:
            return
        top = max(source.first, round(self.scroll_target_y) - len(source.notes) - len(source.below) + source.first)
        seen = (top, min(top + self.page + len(source.below), source.first + len(source.lines) - 1))
        if seen != self._told:
            self._told = seen
            self.post_message(self.Scrolled(self, *seen))

    # -- finding

    def text_of(self, row: int) -> str:
        source = self.source
        if source is None:
            return ""
        stands = source.at(row)
        return source.lines[stands - source.first] if isinstance(stands, int) else stands.text


def gutter(last: int) -> int:
    """Cells left of the code in a file whose last line is `last`: the number, and three signs."""
    return max(4, len(str(last))) + 3


def ghost_runs(values: Sequence[tuple[str, str]], room: int) -> list[Run]:
    """Captured values behind a line, the shortest first, as far as there is room."""
    runs: list[Run] = []
    ordered = sorted(values, key=lambda item: len(item[1]))
    for left, (name, value) in zip(range(len(ordered), 0, -1), ordered, strict=True):
        room -= 3
        if room < LEAST_GHOST:
            break
        share = max(room // left, min(room, 24))
        ghost = Clean(fit(clean(f"{name} = {value}", 200), min(share, GHOST)).rstrip())
        runs.append((Clean("   " + ghost), "value"))
        room -= width(ghost)
    return runs
