"""Where the inbox's filter is typed: the line, what could end its last word, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.strip import Strip
from textual.suggester import Suggester
from textual.widgets import Input

from triage.domain.filter_words import MEANINGS, Offer, offers
from triage.tui.glyphs import GLYPHS
from triage.tui.survive import Survives
from triage.tui.text import Clean, clean, fit, width
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.inked import Inked
from triage.tui.widgets.line_view import LineView, line

if TYPE_CHECKING:
    from triage.domain.query import Mistake
    from triage.tui.screens.inbox import InboxScreen

SHOWN = 6
"""Rows of offers; a short terminal shows fewer."""


class _Words(Suggester):
    """The first offer, as ghost text."""

    def __init__(self, box: FilterBox) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._box = box

    async def get_suggestion(self, value: str) -> str | None:
        found = offers(value, self._box.inbox.known, 1)
        return found[0].line if found and found[0].line.startswith(value) else None


class FilterLine(Survives, Input):
    """Filters as one types; enter keeps the filter, esc clears it, tab takes the offer chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "take", show=False),
        Binding("down,ctrl+n", "step(1)", show=False),
        Binding("up,ctrl+p", "step(-1)", show=False),
        Binding("escape", "clear", show=False),
    ]

    def __init__(self, box: FilterBox) -> None:
        super().__init__(
            placeholder="is:unresolved level:error release:1.4 assigned:me or any text",
            suggester=_Words(box),
            id="filter",
            compact=True,
        )
        self._box = box

    def on_input_changed(self, event: Input.Changed) -> None:
        self._box.inbox.filter_typed(event.value)
        self._box.offer()

    def on_input_submitted(self) -> None:
        self._box.inbox.filter_done()

    def action_take(self) -> None:
        if (found := self._box.chosen) is not None:
            self.value = found
            self.cursor_position = len(self.value)

    def action_step(self, by: int) -> None:
        if self._box.can_choose:
            self._box.step(by)
        elif by > 0:
            self._box.inbox.filter_done()

    def action_clear(self) -> None:
        self._box.inbox.clear_filter()


class _Mistakes(Inked):
    """What is wrong, under the word that is."""

    DEFAULT_CSS = "_Mistakes { height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self.shown: Sequence[Mistake] = ()

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        if not self.shown:
            return self.draw([], cells)
        mistake = self.shown[0]
        text = clean(mistake.text, 300)
        at = 1 + mistake.start
        # Under the word where there is room for the sentence, else as far left as it needs.
        indent = max(1, min(at, cells - width(text) - 4))
        sign = f"{GLYPHS.up} " if indent == at else f"{GLYPHS.warning} "
        return self.draw([(Clean(" " * indent), "text"), (Clean(sign), "warn"), (text, "warn")], cells)


class FilterBox(Vertical):
    """The filter line with what belongs to it."""

    def __init__(self) -> None:
        super().__init__(id="filterbox")
        self.line = FilterLine(self)
        self.mistakes = _Mistakes()
        self.list = LineView(id="offers", cursor=True)
        self.list.can_focus = False
        self.list.in_charge = True

    def compose(self) -> ComposeResult:
        yield self.line
        yield self.mistakes
        yield self.list

    @property
    def inbox(self) -> InboxScreen:
        from triage.tui.screens.inbox import InboxScreen

        screen = self.screen
        assert isinstance(screen, InboxScreen)
        return screen

    def on_mount(self) -> None:
        self.mistakes.display = self.list.display = False
        self.offer()

    def open(self) -> None:
        """Show the line and go to it."""
        self.display = True
        self.line.focus()
        self.offer()

    def close(self, keep: bool) -> None:
        """Hide the offers, and the line unless it is to be kept in sight."""
        self.list.display = False
        self.display = keep

    # -- offers

    @property
    def can_choose(self) -> bool:
        """Whether offers are shown."""
        return self.list.display and self.list.has_cursor

    @property
    def chosen(self) -> str | None:
        """The line as the chosen offer would have it."""
        return self.list.key if self.can_choose and isinstance(self.list.key, str) else None

    def step(self, by: int) -> None:
        """Choose the next offer, or the one before."""
        self.list.move(self.list.index + by)

    @on(CursorView.Opened, "#offers")
    def _clicked(self) -> None:
        self.line.action_take()
        self.line.focus()

    def offer(self) -> None:
        """Show what could end the last word; all keys while nothing is typed."""
        if not self.is_mounted:
            return
        typed = self.line.value
        found = offers(typed, self.inbox.known)
        if not typed.strip():
            found = [Offer(f"{key}:", f"{key}:", meaning) for key, meaning in MEANINGS.items()]
        short = self.screen.size.height < 20
        most = min(2 if short else SHOWN, len(found))
        wide = max((width(clean(offer.word, 60)) for offer in found), default=0)
        lines = [
            line(
                (fit(clean(offer.word, 60), min(40, wide) + 2), "name"),
                (clean(offer.meaning, 100), "dim"),
                key=offer.line,
            )
            for offer in found
        ]
        self.list.show(lines, at=found[0].line if found else None, top=True)
        self.list.border_subtitle = "tab takes it, enter keeps the filter, esc clears it"
        self.list.styles.height = most + 1
        self.list.display = bool(found) and self.line.has_focus
        self.tell()

    def tell(self) -> None:
        """Show what is wrong with the filter as it was last read; not with the word being typed."""
        typed = self.line.value
        at_end = self.line.has_focus and not typed.endswith(" ")
        shown = [item for item in self.inbox.mistakes if not (at_end and item.end >= len(typed) and self.list.display)]
        if shown != list(self.mistakes.shown):
            self.mistakes.shown = shown
            self.mistakes.refresh()
        self.mistakes.display = bool(shown)
