"""The text area in which a test is edited: Python in the theme's own inks, esc leaves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.widgets import TextArea
from textual.widgets.text_area import TextAreaTheme

from triage.tui.python_ink import plain_source

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


class PythonArea(TextArea, inherit_bindings=True):
    """Shows what cannot be seen as a sign, as the panes of a review do; the text keeps it."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, text: str, *, id: str | None = None) -> None:
        super().__init__(text, language="python", soft_wrap=True, show_line_numbers=True, tab_behavior="indent", id=id)
        self._drawn_for: tuple[object, ...] = ()

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


def _ground(style: Style) -> Style:
    return Style(bgcolor=style.bgcolor)
