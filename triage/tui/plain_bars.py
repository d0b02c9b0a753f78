"""Lines and scrollbars for terminals without Unicode."""

from typing import ClassVar

from textual.scrollbar import ScrollBar, ScrollBarRender

from triage.tui.glyphs import ASCII, GLYPHS


class PlainBar(ScrollBarRender):
    """A scrollbar of whole cells, reversed blanks."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8


def plain_bars() -> None:
    """Draw scrollbars in whole cells where there is only ASCII."""
    if GLYPHS is ASCII:
        ScrollBar.renderer = PlainBar


def border_kinds() -> dict[str, str]:
    """What our style sheets call the borders of panels and of sheets."""
    return {"edge": "ascii", "frame": "ascii"} if GLYPHS is ASCII else {"edge": "solid", "frame": "round"}
