"""The line at the top that says where one is, and the line at the bottom that says what one can do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.strip import Strip

from triage.tui.glyphs import GLYPHS
from triage.tui.text import Clean, clean, fit, width
from triage.tui.widgets.inked import Inked, Run, total_width

LEAST = (40, 10)
"""Columns and rows below which the screens cannot say what they should."""


class TitleBar(Inked):
    """Where one is (left, kept) and how things stand (right, cut first when narrow)."""

    DEFAULT_CSS = "TitleBar { height: 1; dock: top; }"

    def __init__(self) -> None:
        super().__init__()
        self._left: Sequence[Run] = ()
        self._right: Sequence[Run] = ()

    def say(self, left: Sequence[Run], right: Sequence[Run] = ()) -> None:
        """Show these; draws only when they differ."""
        if (tuple(left), tuple(right)) != (tuple(self._left), tuple(self._right)):
            self._left, self._right = tuple(left), tuple(right)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        left = [(Clean(" "), "text"), *self._left]
        right = list(self._right)
        while right and total_width(left) + total_width(right) + 3 > cells:
            right.pop(0)
        gap = cells - total_width(left) - total_width(right) - 1
        if right and gap > 0:
            return self.draw([*left, (Clean(" " * gap), "text"), *right], cells, "bar")
        return self.draw(left, cells, "bar")


class FooterBar(Inked):
    """Keys and what they do, six at most; a sentence instead, when there is something to say."""

    DEFAULT_CSS = "FooterBar { height: 1; dock: bottom; }"

    def __init__(self, press: Callable[[str], object]) -> None:
        super().__init__()
        self._press = press
        self._items: Sequence[tuple[str, Clean, Clean, bool]] = ()
        self._spans: list[tuple[int, int, str]] = []
        self._said: tuple[Clean, bool] | None = None
        self._job: Run | None = None

    def offer(self, items: Sequence[tuple[str, str, str, bool]]) -> None:
        """Show these (action id, key, label, whether it can be done now)."""
        shown = tuple((name, clean(key), clean(label), can) for name, key, label, can in items)
        if shown != self._items:
            self._items = shown
            self.refresh()

    def say(self, text: str, warning: bool = False) -> None:
        """A sentence in place of the keys, until `hush`."""
        self._said = (clean(text, 400), warning)
        self.refresh()

    def hush(self) -> None:
        """Back to the keys."""
        if self._said is not None:
            self._said = None
            self.refresh()

    def working(self, text: str | None) -> None:
        """What runs, at the right; None when nothing does."""
        job = (clean(text, 60), "accent") if text else None
        if job != self._job:
            self._job = job
            self.refresh()

    @property
    def said(self) -> str:
        """The sentence that is shown, "" when there is none."""
        return self._said[0] if self._said else ""

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        if cells < LEAST[0] or self.screen.size.height < LEAST[1]:
            self._spans = []
            return self.draw([(Clean(f" {GLYPHS.warning} too small"), "warn")], cells, "bar-warning")
        job: list[Run] = [(Clean(" "), "text"), self._job, (Clean(" "), "text")] if self._job else []
        room = cells - total_width(job)
        self._spans = []
        if self._said:
            text, warning = self._said
            sign = GLYPHS.warning if warning else GLYPHS.yes
            runs: list[Run] = [
                (Clean(f" {sign} "), "warn" if warning else "good"),
                (fit(text, max(0, room - 3)), "text"),
            ]
            return self.draw([*runs, *job], cells, "bar-warning" if warning else "bar")
        runs = []
        at = 0
        items = list(self._items)
        while len(items) > 1 and sum(width(key) + width(label) + 4 for _, key, label, _ in items) > room:
            items.pop(-2)  # help, the last, stays
        for name, key, label, can in items:
            piece: list[Run] = [
                (Clean(" "), "text"),
                (key, "key" if can else "faint"),
                (Clean(" "), "text"),
                (label, "text" if can else "faint"),
                (Clean("  "), "text"),
            ]
            size = total_width(piece)
            self._spans.append((at, at + size, name))
            at += size
            runs += piece
        if job:
            runs.append((Clean(" " * max(0, room - at)), "text"))
        return self.draw([*runs, *job], cells, "bar")

    def on_click(self, event: events.Click) -> None:
        for first, last, name in self._spans:
            if first <= event.x < last and not self._said:
                self._press(name)
                return
        self.hush()
