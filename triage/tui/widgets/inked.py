"""Widgets that draw lines of runs: each run is clean text in a named ink (`triage.tui.inks`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, cast

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from triage.tui.text import Clean, fit, width

if TYPE_CHECKING:
    from triage.tui.app import TriageApp

Run = tuple[Clean, str]
"""A piece of a line: clean text, and the ink it is written in."""


class Inked(Widget):
    """Draws runs in the app's palette."""

    def ink(self, name: str, ground: str = "") -> Style:
        """The style of an ink on a ground ("" is the screen's background)."""
        return cast("TriageApp", self.app).palette.style(name, ground)

    def draw(self, runs: Iterable[Run], cells: int, ground: str = "") -> Strip:
        """Runs as a strip of exactly `cells`, cut or padded. An ink may name its own ground
        after a slash ("text/added-word")."""
        segments: list[Segment] = []
        room = cells
        for text, name in runs:
            size = width(text)
            ink, slash, own = name.partition("/")
            style = self.ink(ink, own if slash else ground)
            if size > room:
                if room > 0:
                    segments.append(Segment(fit(text, room), style))
                room = 0
                break
            if size:
                segments.append(Segment(text, style))
                room -= size
        if room > 0:
            segments.append(Segment(" " * room, self.ink("text", ground)))
        return Strip(segments, cells)


def total_width(runs: Sequence[Run]) -> int:
    """Cells that the runs take together."""
    return sum(width(text) for text, _ in runs)
