"""All runs of one draft: when, on which side of the fix, at which ref, how they ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from triage import paths
from triage.tui.draft_lines import place, verdict_words
from triage.tui.survive import Survives
from triage.tui.text import Clean, clean, fit, width
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.line_view import BLANK, Line, LineView, line
from triage.tui.wording import ago

if TYPE_CHECKING:
    from triage.domain.verdict import RunResult

WHEN, VERDICT, PLACE = 19, 20, 18


class HistoryScreen(Survives, ModalScreen[int | None]):
    """Dismissed with the place of a run in `runs`, None when one just looked."""

    CSS_PATH: ClassVar = paths.styles_dir() / "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,H,h,left,ctrl+q", "close", show=False),
        Binding("j,down", "step(1)", show=False),
        Binding("k,up", "step(-1)", show=False),
        Binding("g,home", "step(-100000)", show=False),
        Binding("G,end", "step(100000)", show=False),
        Binding("pagedown,ctrl+d", "step(10)", show=False),
        Binding("pageup,ctrl+u", "step(-10)", show=False),
        Binding("enter,l,right", "choose", show=False),
    ]

    def __init__(self, draft_id: int, runs: Sequence[tuple[str, RunResult]]) -> None:
        super().__init__()
        self.draft_id = draft_id
        self.runs = runs
        self.list = LineView(id="jobs", cursor=True)

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet") as sheet:
            yield self.list
        sheet.border_title = clean(f"Runs of draft {self.draft_id}")
        sheet.border_subtitle = "enter shows what one printed, esc closes"

    def on_mount(self) -> None:
        self.list.focus()
        self.call_after_refresh(self.fill)

    def on_resize(self) -> None:
        self.fill()

    def fill(self) -> None:
        """The newest first."""
        cells = max(30, self.list.scrollable_content_region.width - 2)
        now = datetime.now(UTC)
        lines = [
            self._line(at, side, result, cells, now) for at, (side, result) in reversed(list(enumerate(self.runs)))
        ]
        self.list.show(lines or [BLANK, line((Clean("  it has not been run yet: r runs it"), "dim"))])

    def _line(self, at: int, side: str, result: RunResult, cells: int, now: datetime) -> Line:
        when = f"{result.when.astimezone():%H:%M:%S} {ago(result.when, now)}"
        word, ink = verdict_words(result)
        runs = [
            (fit(clean(when), WHEN), "dim"),
            (fit(clean(side), 8), "text"),
            (fit(word, VERDICT), ink),
            (fit(clean(place(result)), PLACE), "name"),
            (clean(f"{result.seconds:6.2f} s  "), "faint"),
        ]
        room = cells - sum(width(text) for text, _ in runs)
        return line(*runs, (fit(clean(result.why), max(0, room)), "dim"), key=at + 1)

    @on(CursorView.Opened, "#jobs")
    def _opened(self) -> None:
        self.action_choose()

    def action_step(self, by: int) -> None:
        self.list.move(self.list.index + by)

    def action_choose(self) -> None:
        self.dismiss(self.list.key - 1 if isinstance(self.list.key, int) else None)

    def action_close(self) -> None:
        self.dismiss(None)
