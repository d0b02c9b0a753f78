"""Jump mode: a letter on every panel, and one key goes there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget

from triage import paths
from triage.tui.survive import Survives
from triage.tui.text import Clean
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.inked import Inked

LETTERS = "asdfjklghqwertyuiopzxcvbnm"
"""In the order in which fingers find them."""


class Letter(Inked):
    """One letter on a panel; a click does the same."""

    def __init__(self, letter: str) -> None:
        super().__init__(classes="jump-label")
        self.letter = letter

    def render_line(self, y: int) -> Strip:
        return self.draw([(Clean(f" {self.letter} "), "key")], self.size.width, "found")


class JumpScreen(Survives, ModalScreen[Widget | None]):
    """Answers the chosen panel, None for any other key."""

    CSS_PATH: ClassVar = paths.styles_dir() / "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, panels: Sequence[Widget]) -> None:
        super().__init__()
        self.places = dict(zip(LETTERS, panels, strict=False))
        self.labels = {letter: Letter(letter) for letter in self.places}

    def compose(self) -> ComposeResult:
        yield from self.labels.values()

    def on_mount(self) -> None:
        self._put()

    def on_resize(self) -> None:
        self._put()

    def _put(self) -> None:
        """Each label in the upper left corner of what can be seen of its panel, its heading first."""
        for letter, panel in self.places.items():
            heading = panel.heading if isinstance(panel, CursorView) else None
            region = (heading or panel).region
            self.labels[letter].styles.offset = (region.x + 1, max(0, region.y))

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        self._answer(self.places.get(event.character or ""))

    def on_click(self, event: events.Click) -> None:
        chosen = event.widget
        self._answer(self.places[chosen.letter] if isinstance(chosen, Letter) else None)

    def _answer(self, panel: Widget | None) -> None:
        if self.is_current:  # of keys that come together the first counts
            self.dismiss(panel)
