"""The line in which the inbox's filter is typed, with the next word suggested as ghost text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.suggester import Suggester
from textual.widgets import Input

from triage.domain.filter_words import completions

if TYPE_CHECKING:
    from triage.tui.screens.inbox import InboxScreen


class _Words(Suggester):
    """Suggests the keys and values of the filter's words."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        found = completions(value)
        return found[0] if found else None


class FilterLine(Input):
    """Filters as one types; enter keeps the filter, esc clears it, tab takes the suggestion."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "take", show=False),
        Binding("down", "done", show=False),
        Binding("escape", "clear", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(
            placeholder="is:unresolved level:error release:1.4 assigned:me or any text",
            suggester=_Words(),
            id="filter",
            compact=True,
        )

    @property
    def inbox(self) -> InboxScreen:
        from triage.tui.screens.inbox import InboxScreen

        screen = self.screen
        assert isinstance(screen, InboxScreen)
        return screen

    def on_input_changed(self, event: Input.Changed) -> None:
        self.inbox.filter_typed(event.value)

    def on_input_submitted(self) -> None:
        self.inbox.filter_done()

    def action_take(self) -> None:
        if self._suggestion:
            self.value = self._suggestion
            self.cursor_position = len(self.value)

    def action_done(self) -> None:
        self.inbox.filter_done()

    def action_clear(self) -> None:
        self.inbox.clear_filter()
