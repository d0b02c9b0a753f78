"""Widgets that draw lines of runs: each run is clean text in a named ink (`triage.tui.inks`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, cast

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from triage.tui.survive import Survives
from triage.tui.text import Clean, fit, width

if TYPE_CHECKING:
    from triage.tui.app import TriageApp

Run = tuple[Clean, str]
"""A piece of a line: clean text, and the ink it is written in."""


class Inked(Survives, Widget):
    """Draws runs in the app's palette."""

    def ink(self, name: str, ground: str = "") -> Style:
        """The style of an ink on a ground ("" is the screen's background)."""
        return cast("TriageApp", self.app).palette.style(name, ground)

    def draw(self, runs: Iterable[Run], cells: int, ground: str = "") -> Strip:
        """Runs as a strip of exactly `cells`, cut or padded. An ink may name its own ground
        after a slash ("text/added-word")."""
        # Pieces of one style are joined, and blanks join what is before them: each change of
        # style costs some forty bytes on the way to the terminal.
        joined: list[tuple[str, Style]] = []
        room = cells
        last = ""
        for text, name in runs:
            if room <= 0:
                break
            size = width(text)
            if not size:
                continue
            if size > room:
                text, size = fit(text, room), room
            room -= size
            if joined and (name == last or (text.isspace() and "/" not in name and "/" not in last)):
                joined[-1] = (joined[-1][0] + text, joined[-1][1])
                continue
            ink, slash, own = name.partition("/")
            joined.append((text, self.ink(ink, own if slash else ground)))
            last = name
        if room > 0:
            if joined and "/" not in last:
                joined[-1] = (joined[-1][0] + " " * room, joined[-1][1])
            else:
                joined.append((" " * room, self.ink("text", ground)))
        return Strip([Segment(text, style) for text, style in joined], cells)


def total_width(runs: Sequence[Run]) -> int:
    """Cells that the runs take together."""
    return sum(width(text) for text, _ in runs)
