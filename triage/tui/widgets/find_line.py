"""The line in which one types what to find in a panel of lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from triage.tui.survive import Survives

if TYPE_CHECKING:
    from triage.tui.screens.base import TriageScreen
    from triage.tui.widgets.line_view import LineView


class FindLine(Survives, Input):
    """Finds as one types; enter stays at the hit, esc forgets it. n and N go on from there."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "forget", show=False)]

    def __init__(self, view: LineView) -> None:
        super().__init__(placeholder="find in this panel", id="find", compact=True)
        self.view = view

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.view.find(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._leave()

    def action_forget(self) -> None:
        self.view.find("")
        self._leave()

    def on_blur(self) -> None:
        self.remove()

    def _leave(self) -> None:
        self.view.focus()


def ask_needle(screen: TriageScreen, view: LineView) -> None:
    """Ask what to find in `view`, on a line above the footer."""
    if there := screen.query(FindLine):  # asked twice before it had the focus
        there.first().focus()
        return
    line = FindLine(view)
    screen.mount(line, before=screen.footer_bar)
    screen.call_after_refresh(line.focus)
