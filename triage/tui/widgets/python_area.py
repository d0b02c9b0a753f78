"""The text area in which a test is edited: Python in the theme's own inks, esc leaves it, and
what is to be said about a line stands beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import TextAreaTheme

from triage.tui.python_ink import plain_source
from triage.tui.survive import Survives
from triage.tui.text import Clean, fit, width

if TYPE_CHECKING:
    from triage.tui.app import TriageApp

NODES = {
    "keyword": ("keyword", "keyword.function", "keyword.return", "keyword.operator", "conditional", "repeat"),
    "keyword ": ("exception", "include", "boolean", "constant.builtin", "type.builtin"),
    "string": ("string", "string.documentation"),
    "comment": ("comment",),
    "number": ("number", "float"),
    "function": ("function", "method", "class", "type", "type.class"),
}
"""Inks, and the names that tree-sitter's Python gives to what is written in them."""


GAP, LEAST = 2, 12
"""Cells between a line and what is said about it, and how many that needs to be worth showing."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something about one line: a sign for the margin, and words in the ink of their weight."""

    sign: Clean
    words: Clean
    ink: str


class PythonArea(Survives, TextArea, inherit_bindings=True):
    """Shows what cannot be seen as a sign, as the panes of a review do; the text keeps it."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, text: str, *, id: str | None = None) -> None:
        super().__init__(text, language="python", soft_wrap=True, show_line_numbers=True, tab_behavior="indent", id=id)
        self._notes: dict[int, tuple[Note, ...]] = {}

    def note(self, notes: Mapping[int, Iterable[Note]]) -> None:
        """Show these beside their lines (counted from 1), in place of those from before."""
        told = {number: tuple(some) for number, some in notes.items()}
        if told != self._notes:
            self._notes = told
            self._line_cache.clear()
            self.refresh()

    @property
    def noted(self) -> list[int]:
        """The lines that something is said about, in order."""
        return sorted(self._notes)

    def _render_line(self, y: int) -> Strip:
        strip = super()._render_line(y)
        rows = self.wrapped_document._offset_to_line_info
        row = y + self.scroll_offset.y
        if not self._notes or row >= len(rows):
            return strip
        index, section = rows[row]
        notes = self._notes.get(index + 1)
        if not notes:
            return strip
        gutter = self.gutter_width
        if section == 0 and gutter >= 2:
            sign = notes[0]
            strip = _put(strip, gutter - 2, [(sign.sign, self._style(sign.ink, strip, gutter - 2))])
        if row + 1 < len(rows) and rows[row + 1][0] == index:
            return strip  # the line goes on below
        used = len(strip.text.rstrip()) and width(Clean(strip.text.rstrip()))
        start = max(used, gutter) + GAP
        if index == self.cursor_location[0]:
            start += 1
        room = strip.cell_length - start
        if room < LEAST:
            return strip
        pieces: list[tuple[Clean, Style]] = []
        for note in notes:
            text = fit(note.words, min(room, width(note.words)))
            pieces.append((text, self._style(note.ink, strip, strip.cell_length - 1)))
            room -= width(text)
            if room < LEAST:
                break
            pieces.append((Clean("  "), pieces[-1][1]))
            room -= 2
        return _put(strip, start, pieces)

    def _style(self, ink: str, strip: Strip, cell: int) -> Style:
        """The ink on the ground that the strip has at this cell."""
        style = cast("TriageApp", self.app).palette.style(ink)
        under = next((segment.style for segment in strip.crop(cell, cell + 1)), None)
        return Style(color=style.color, bgcolor=under.bgcolor if under else None, bold=style.bold, dim=style.dim)

    def on_mount(self) -> None:
        self.wear()
        self.watch(self.app, "theme", self.wear, init=False)

    def wear(self) -> None:
        """Take on the colours of the app's theme."""
        app = cast("TriageApp", self.app)
        palette = app.palette
        styles = {node: palette.style(ink.strip()) for ink, nodes in NODES.items() for node in nodes}
        name = f"triage {app.theme}"
        self.register_theme(
            TextAreaTheme(
                name=name,
                base_style=palette.style("text"),
                gutter_style=palette.style("gutter"),
                cursor_style=Style(reverse=True),
                cursor_line_style=None if app.native_ansi_color else _ground(palette.style("text", "cursor-blurred")),
                cursor_line_gutter_style=palette.style("strong"),
                bracket_matching_style=Style(bold=True, underline=True),
                selection_style=Style(reverse=True) if app.native_ansi_color else palette.style("text", "cursor"),
                syntax_styles=styles,
            )
        )
        self.theme = name

    def get_line(self, line_index: int) -> Text:
        shown = super().get_line(line_index)
        line = self.document.get_line(line_index)
        if not (line.isascii() and line.isprintable()):
            # Character for character: highlights and cursor go by columns.
            shown.plain = "".join(char if char == "\t" else plain_source(char) for char in line)
        return shown

    def _on_key(self, event: events.Key) -> None:  # type: ignore[override]  # nothing to await here
        if event.key == "escape":
            event.prevent_default()  # Textual's own would go to the next panel


def _put(strip: Strip, start: int, pieces: Iterable[tuple[Clean, Style]]) -> Strip:
    """The strip with these pieces over its cells from `start` on."""
    made = Strip([Segment(text, style) for text, style in pieces])
    end = start + made.cell_length
    return Strip.join([strip.crop(0, start), made, strip.crop(end, max(end, strip.cell_length))])


def _ground(style: Style) -> Style:
    return Style(bgcolor=style.bgcolor)
