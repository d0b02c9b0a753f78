"""What runs in the background, with a way to stop it; and the question before quitting."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from triage import paths
from triage.tui.glyphs import GLYPHS
from triage.tui.jobs import State
from triage.tui.text import Clean, clean, fit
from triage.tui.widgets.line_view import BLANK, Line, LineView, line

if TYPE_CHECKING:
    from triage.tui.app import TriageApp

_SIGNS = {
    State.RUNNING: (GLYPHS.live, "accent"),
    State.FINISHED: (GLYPHS.yes, "good"),
    State.FAILED: (GLYPHS.no, "bad"),
    State.CANCELLED: (GLYPHS.no, "dim"),
}


class JobsScreen(ModalScreen[None]):
    """Running and recent jobs, newest first."""

    CSS_PATH: ClassVar = paths.styles_dir() / "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,J,h,left", "close", show=False),
        Binding("j,down", "step(1)", show=False),
        Binding("k,up", "step(-1)", show=False),
        Binding("x,ctrl+x", "stop", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.list = LineView(id="jobs", cursor=True)

    @property
    def triage(self) -> TriageApp:
        """The app, with its type."""
        return cast("TriageApp", self.app)

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet") as sheet:
            yield self.list
        sheet.border_title = "Jobs"
        sheet.border_subtitle = "x stops one, esc closes"

    def on_mount(self) -> None:
        self.list.focus()
        self.fill()
        self.set_interval(0.5, self._tick)

    def _tick(self) -> None:
        if self.triage.jobs.running:
            self.fill()

    def fill(self) -> None:
        """List the jobs as they are now."""
        lines = []
        for job in self.triage.jobs:
            sign, ink = _SIGNS[job.state]
            lines.append(
                line(
                    (Clean(f" {sign} "), ink),
                    (fit(clean(job.label), 34), "text"),
                    (Clean(f" {job.age:6.1f} s  "), "dim"),
                    (clean(job.step if job.running else job.state), "dim"),
                    key=job.id,
                )
            )
        self.list.show(lines or [BLANK, line((Clean("  nothing has run yet"), "dim"))])

    def action_close(self) -> None:
        self.app.pop_screen()

    def action_step(self, by: int) -> None:
        self.list.move(self.list.index + by)

    def action_stop(self) -> None:
        for job in self.triage.jobs.running:
            if job.id == self.list.key:
                self.triage.jobs.cancel(job)
        self.set_timer(0.1, self.fill)


class QuitScreen(ModalScreen[None]):
    """Something runs: quit all the same? Only `y` accepts."""

    CSS_PATH: ClassVar = paths.styles_dir() / "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n,q", "close", show=False),
        Binding("y", "quit", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.text = LineView(id="question")

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet", classes="-small") as sheet:
            yield self.text
        sheet.border_title = "Quit?"

    def on_mount(self) -> None:
        running = cast("TriageApp", self.app).jobs.running
        lines: list[Line] = [BLANK, line((Clean("  Quitting stops what runs:"), "text")), BLANK]
        lines += [
            line((Clean(f"    {GLYPHS.live} "), "accent"), (clean(job.label, 100), "strong")) for job in running[:5]
        ]
        lines += [
            BLANK,
            line(
                (Clean("  y "), "key"),
                (Clean("stops it and quits    "), "text"),
                (Clean("esc "), "key"),
                (Clean("stays"), "text"),
            ),
        ]
        self.text.show(lines)

    def action_close(self) -> None:
        self.app.pop_screen()

    def action_quit(self) -> None:
        self.app.exit()
