"""A sheet with a few things to choose from, narrowed by typing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from triage import paths
from triage.tui.glyphs import GLYPHS
from triage.tui.survive import Survives
from triage.tui.text import Clean, clean, fit
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.line_view import BLANK, Line, LineView, line


@dataclass(frozen=True, slots=True)
class Choice:
    """`value` is what choosing it answers; `meaning` stands behind it; `current` is in force now."""

    value: str
    label: str
    meaning: str = ""
    current: bool = False


class ChoiceSheet(Survives, ModalScreen[str | None]):
    """Answers the value of what was chosen, None when it was closed. With `free`, what was typed
    can be chosen as well, in these words ("assign to {}")."""

    CSS_PATH: ClassVar = paths.styles_dir() / "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+q", "close", show=False),
        Binding("down,ctrl+n,tab", "step(1)", show=False, priority=True),
        Binding("up,ctrl+p,shift+tab", "step(-1)", show=False, priority=True),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], free: str = "") -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._free = free
        self.search = Input(placeholder="type to narrow", id="search", compact=True)
        self.list = LineView(id="actions", cursor=True)
        self.list.can_focus = False
        self.list.in_charge = True

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet", classes="-small") as sheet:
            yield self.search
            yield self.list
        sheet.border_title = clean(self._title, 60)
        sheet.border_subtitle = "enter chooses, esc closes"

    def on_mount(self) -> None:
        self.search.focus()
        current = next((choice.value for choice in self._choices if choice.current), None)
        self._fill("", current)

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        event.stop()
        self._fill(event.value)

    @on(Input.Submitted)
    def chosen(self, event: Input.Submitted) -> None:
        event.stop()
        self._answer()

    @on(CursorView.Opened)
    def clicked(self) -> None:
        self._answer()

    def _answer(self) -> None:
        key = self.list.key
        self.dismiss(key if isinstance(key, str) else None)

    def action_close(self) -> None:
        self.dismiss(None)

    def action_step(self, by: int) -> None:
        self.list.move(self.list.index + by)

    def _fill(self, typed: str, at: str | None = None) -> None:
        wanted = typed.casefold().split()
        kept = [
            choice
            for choice in self._choices
            if all(word in f"{choice.label} {choice.meaning}".casefold() for word in wanted)
        ]
        label_width = min(28, max((len(clean(choice.label, 40)) for choice in kept), default=0))
        lines: list[Line] = [
            line(
                (Clean(f" {GLYPHS.yes if choice.current else ' '} "), "good"),
                (fit(clean(choice.label, 200), max(label_width, 4)), "name"),
                (Clean("  "), "text"),
                (clean(choice.meaning, 200), "dim"),
                key=choice.value,
            )
            for choice in kept
        ]
        name = typed.strip()
        if self._free and name and all(choice.value != name for choice in kept):
            lines.append(line((clean(f"   {self._free.format(name)}", 200), "name"), key=name))
        if not lines:
            lines = [BLANK, line((clean(f"  nothing matches {typed}", 200), "dim"))]
        first = next((item.key for item in lines if item.key is not None), None)
        self.list.show(lines, at=at if at is not None else first, top=True)
