"""Choose what stands on one side of the comparison; it shows below while one looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from triage import paths
from triage.tui.survive import Survives
from triage.tui.text import Clean, clean, fit
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import Line, LineView, line

if TYPE_CHECKING:
    from triage.services.sides import SideText

KIND_CELLS = 18


class BesideScreen(Survives, ModalScreen[int | None]):
    """Dismissed with the place of the text, None when it stays as it was. `look` is called with
    each text that the cursor comes to."""

    CSS_PATH: ClassVar = [paths.styles_dir() / "help.tcss", paths.styles_dir() / "review.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,h,left,ctrl+q", "close", show=False),
        Binding("j,down,c,C,tab", "step(1)", show=False),
        Binding("k,up,shift+tab", "step(-1)", show=False),
        Binding("enter,l,right,space", "choose", show=False),
        *(Binding(str(digit), f"digit({digit})", show=False) for digit in range(1, 10)),
    ]

    def __init__(
        self, side: str, texts: Sequence[SideText], now: int, other: int, look: Callable[[int], object]
    ) -> None:
        super().__init__()
        self.side = side
        self.texts = texts
        self.now = now
        self.other = other
        self._look = look
        self.list = LineView(id="sides", cursor=True)

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet") as sheet:
            yield self.list
        sheet.border_title = clean(f"What stands on the {self.side}?")
        sheet.border_subtitle = "enter or its number chooses, esc leaves it"

    def on_mount(self) -> None:
        self.list.focus()
        self.query_one("#sheet").styles.height = min(len(self.texts), 9) + 2
        self.call_after_refresh(self.fill)

    def on_resize(self) -> None:
        self.fill()

    def fill(self) -> None:
        """List the texts; what there is not says why."""
        cells = max(30, self.list.scrollable_content_region.width - 2)
        self.list.show([self._line(place, cells) for place in range(len(self.texts))], at=self.list.key or self.now + 1)

    def _line(self, place: int, cells: int) -> Line:
        text = self.texts[place]
        room = cells - KIND_CELLS - 4
        digit: Run = (clean(f"{place + 1} " if place < 9 else "  "), "key")
        kind = fit(clean(text.what), KIND_CELLS)
        if text.missing:
            return line((Clean("  "), "text"), (kind, "faint"), (fit(clean(text.missing), room), "faint"))
        if place == self.other:
            return line((Clean("  "), "text"), (kind, "faint"), (fit(clean(f"{text.title}: beside it"), room), "faint"))
        lines = f"{text.text.count(chr(10)):,} lines"
        title = fit(clean(text.title), max(4, room - len(lines) - 1))
        # The key is never 0: a list takes it for a line that has none.
        return line(digit, (kind, "name"), (title, "text"), (clean(f" {lines}"), "dim"), key=place + 1)

    @on(CursorView.Moved, "#sides")
    def _moved(self) -> None:
        if isinstance(self.list.key, int):
            self._look(self.list.key - 1)

    @on(CursorView.Opened, "#sides")
    def _opened(self) -> None:
        self.action_choose()

    def action_step(self, by: int) -> None:
        places = [at for at, item in enumerate(self.list.lines) if item.key is not None]
        if places:
            here = places.index(self.list.index) if self.list.index in places else 0
            self.list.move(places[(here + by) % len(places)])

    def action_digit(self, digit: int) -> None:
        if digit <= len(self.texts) and not self.texts[digit - 1].missing and digit - 1 != self.other:
            self.dismiss(digit - 1)

    def action_choose(self) -> None:
        self.dismiss(self.list.key - 1 if isinstance(self.list.key, int) else None)

    def action_close(self) -> None:
        self.dismiss(None)
