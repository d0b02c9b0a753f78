"""The strip of tab names above an issue's facts, drawn as the panel's rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.strip import Strip

from triage.tui.glyphs import GLYPHS
from triage.tui.text import Clean, clean, width
from triage.tui.widgets.inked import Inked, Run


class TabStrip(Inked):
    """Names with numbers, one of them chosen; a click chooses another."""

    DEFAULT_CSS = "TabStrip { height: 1; }"

    def __init__(self, choose: Callable[[int], object]) -> None:
        super().__init__()
        self._choose = choose
        self._names: Sequence[Clean] = ()
        self._chosen = 0
        self._focused = False
        self._spans: list[tuple[int, int, int]] = []

    def show(self, names: Sequence[tuple[str, int | None]], chosen: int) -> None:
        """Show these names with their numbers."""
        self._names = [clean(f"{name} {number}" if number else name, 30) for name, number in names]
        self._chosen = chosen
        self.refresh()

    def focus_shown(self, focused: bool) -> None:
        """Draw the rule as that of the panel which has the focus, or not."""
        if focused is not self._focused:
            self._focused = focused
            self.refresh()

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        self._spans = []
        # What does not fit is cut on the left, so that the chosen one is always seen.
        first = 0
        rule = "rule-focused" if self._focused else "rule"
        cells -= 1
        while sum(width(name) + 3 for name in self._names[first : self._chosen + 1]) > cells and first < self._chosen:
            first += 1
        runs: list[Run] = [(Clean("<" if first else GLYPHS.rule), "faint" if first else rule)]
        at = 1
        for place in range(first, len(self._names)):
            name = self._names[place]
            chosen = place == self._chosen
            shown = Clean(f"[{name}]") if chosen else Clean(f" {name} ")
            runs += [(shown, "head-sorted" if chosen else "dim"), (Clean(GLYPHS.rule), rule)]
            self._spans.append((at, at + width(shown) + 1, place))
            at += width(shown) + 1
        runs.append((Clean(GLYPHS.rule * max(0, cells + 1 - at)), rule))
        return self.draw(runs, cells + 1)

    def on_click(self, event: events.Click) -> None:
        for first, last, place in self._spans:
            if first <= event.x < last:
                self._choose(place)
                return
