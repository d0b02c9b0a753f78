"""What runs in the background, with a way to stop it; and the question before quitting."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from triage import paths
from triage.tui.glyphs import GLYPHS
from triage.tui.jobs import Job, State
from triage.tui.survive import Survives
from triage.tui.text import Clean, clean, fit, wrap
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.line_view import BLANK, Line, LineView, line

if TYPE_CHECKING:
    from triage.tui.app import TriageApp

LABEL = 34
READS = frozenset({"case", "sides", "source", "refs", "ref", "prompt", "blame"})
"""Kinds that only read: of interest while they run, or when they fail."""
SERVER = "ingest"
_SIGNS = {
    State.RUNNING: (GLYPHS.live, "accent"),
    State.FINISHED: (GLYPHS.yes, "good"),
    State.FAILED: (GLYPHS.no, "bad"),
    State.CANCELLED: (GLYPHS.no, "dim"),
}


class JobsScreen(Survives, ModalScreen[None]):
    """Running and recent jobs, newest first; below, what the chosen one said and how it ended."""

    CSS_PATH: ClassVar = paths.styles_dir() / "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,J,h,left,ctrl+q", "close", show=False),
        Binding("j,down", "step(1)", show=False),
        Binding("k,up", "step(-1)", show=False),
        Binding("g,home", "step(-1000)", show=False),
        Binding("G,end", "step(1000)", show=False),
        Binding("ctrl+d,pagedown", "scroll_said(8)", show=False),
        Binding("ctrl+u,pageup", "scroll_said(-8)", show=False),
        Binding("x,ctrl+x", "stop", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.list = LineView(id="jobs", cursor=True)
        self.said = LineView(id="said")
        self.said.can_focus = False
        self._about: tuple[object, ...] = ()

    @property
    def triage(self) -> TriageApp:
        """The app, with its type."""
        return cast("TriageApp", self.app)

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet") as sheet:
            yield self.list
            yield self.said
        sheet.border_title = "Jobs"
        sheet.border_subtitle = "x stops one, ctrl+d and ctrl+u scroll what it said, esc closes"

    def on_mount(self) -> None:
        self.list.focus()
        self.call_after_refresh(self.fill)
        self.set_interval(0.5, self._tick)

    def on_resize(self) -> None:
        self.fill()

    def _tick(self) -> None:
        if self.triage.jobs.running or any(
            item.runs and item.runs[0][0].strip() == GLYPHS.live for item in self.list.lines
        ):
            self.fill()

    def fill(self) -> None:
        """List the jobs as they are now."""
        cells = max(30, self.list.scrollable_content_region.width - 2)
        jobs = [job for job in self.triage.jobs if job.kind not in READS or job.state in (State.RUNNING, State.FAILED)]
        jobs.sort(key=lambda job: not job.running)
        lines = [self._line(job, cells) for job in jobs]
        lines += self._server(cells)
        self.list.show(lines or [BLANK, line((Clean("  nothing has run yet"), "dim"))])
        self.list.styles.height = max(3, min(len(lines), max(4, self.size.height // 3)))
        self._show_said()

    def _line(self, job: Job, cells: int) -> Line:
        sign, ink = _SIGNS[job.state]
        label = min(LABEL, cells // 2)
        told = job.step or "starting" if job.running else f"{job.state}: {job.ending}"
        return line(
            (Clean(f" {sign} "), ink),
            (fit(clean(job.label), label), "text"),
            (clean(f" {job.age:6.1f} s  "), "dim"),
            (fit(clean(told), max(0, cells - label - 15)), "bad" if job.state is State.FAILED else "dim"),
            key=job.id,
        )

    def _server(self, cells: int) -> list[Line]:
        """The ingest server is no job, but it runs."""
        ingest = self.triage.ingest
        if ingest is None:
            return []
        told = f"listening at {ingest.dsn}" if ingest.alive else "stopped: no errors arrive any more"
        sign, ink = _SIGNS[State.RUNNING if ingest.alive else State.CANCELLED]
        label = min(LABEL, cells // 2)
        return [
            line(
                (Clean(f" {sign} "), ink),
                (fit(Clean("ingest server"), label), "text"),
                (Clean(" " * 11), "dim"),
                (fit(clean(told), max(0, cells - label - 14)), "dim"),
                key=SERVER,
            )
        ]

    @on(CursorView.Moved, "#jobs")
    def _show_said(self) -> None:
        from triage.services.steps import Output, Step

        job = next((job for job in self.triage.jobs if job.id == self.list.key), None)
        if job is None:
            self._about = ()
            self.said.show([])
            return
        about = (job.id, len(job.said), job.state)
        if about == self._about:
            return
        fresh = self._about[:1] != about[:1]
        self._about = about
        lines = [
            line((clean(f" {item.text}"), "strong"))
            if isinstance(item, Step)
            else line((clean(f"   {item.text}"), "dim"))
            for item in tuple(job.said)
            if isinstance(item, Step | Output)
        ]
        if not job.running:
            cells = max(20, self.said.scrollable_content_region.width - 2)
            _, ink = _SIGNS[job.state]
            lines += [line((clean(f" {part}"), ink)) for part in wrap(clean(job.ending), cells, 6)]
        following = fresh or self.said.scroll_offset.y >= self.said.row_count() - self.said.page - 1
        self.said.show(lines)
        if following:
            self.call_after_refresh(self.said.do_bottom)

    def action_close(self) -> None:
        if self.is_current:
            self.app.pop_screen()

    def action_step(self, by: int) -> None:
        self.list.move(self.list.index + by)

    def action_scroll_said(self, by: int) -> None:
        self.said.do_half_down() if by > 0 else self.said.do_half_up()

    def action_stop(self) -> None:
        for job in self.triage.jobs.running:
            if job.id == self.list.key:
                self.triage.jobs.cancel(job)
        if self.list.key == SERVER and self.triage.ingest is not None:
            self.triage.ingest.end_soon()
        self.set_timer(0.1, self.fill)


class QuitScreen(Survives, ModalScreen[None]):
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
        running = [job for job in cast("TriageApp", self.app).jobs.running if job.asked_for]
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
        if self.is_current:
            self.app.pop_screen()

    def action_quit(self) -> None:
        self.app.exit()
