"""What a job says as it goes: its steps, what it prints, how it ended; how long it takes in the title."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from triage.tui.jobs import Job
from triage.tui.python_ink import wrapped
from triage.tui.text import Clean, clean
from triage.tui.widgets.line_view import Line, LineView, line

if TYPE_CHECKING:
    from triage.tui.app import TriageApp

MOST_LINES = 5_000
FAILURE = re.compile(r"^(E  |>  |FAILED|ERROR|\S+:\d+: )|\b\w*(Error|Exception)\b")


class WorkView(LineView):
    """Follows the end while one is there; who scrolled up stays there."""

    def __init__(self, title: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.title_text = title
        self.job: Job | None = None
        self.failures_only = False
        self._said: list[Line] = []
        self._broken: dict[Line, list[Line]] = {}
        self._cells = 0

    def on_mount(self) -> None:
        self._tick()
        self.set_interval(10.0 if cast("TriageApp", self.app).remote else 1.0, self._tick)

    @property
    def said(self) -> list[Line]:
        """All lines, whatever is shown."""
        return self._said

    def begin(self, job: Job) -> None:
        """From now on it is about this job."""
        self.job = job
        self._said = []
        self._broken.clear()
        self.scroll_to(y=0, animate=False, force=True)
        self._draw()
        self._tick()

    def add(self, items: Iterable[object]) -> None:
        """What the job yielded."""
        from triage.services.steps import Output, Step

        for item in items:
            if isinstance(item, Step):
                counted = f" ({item.done}/{item.total})" if item.total else ""
                self._said.append(line((Clean(" "), "text"), (clean(f"{item.text}{counted}"), "strong")))
            elif isinstance(item, Output):
                failed = bool(FAILURE.search(item.text[:300]))
                self._said.append(line((clean(f"   {item.text}"), "bad" if failed else "dim")))
        self._draw()

    def tell(self, text: str, ink: str = "text") -> None:
        """One more line of our own."""
        self._said.append(line((clean(f" {text}"), ink)))
        self._draw()

    def ended(self) -> None:
        """The job is over."""
        self._tick()

    def show_failures(self, only: bool) -> None:
        """Only steps and the lines that tell of a failure, or all."""
        self.failures_only = only
        self._draw()
        self.do_bottom()

    def _draw(self) -> None:
        following = self.scroll_offset.y >= self.row_count() - self.page - 1
        del self._said[:-MOST_LINES]
        shown: list[Line] = self._said
        if self.failures_only:
            shown = [item for item in shown if any(ink in ("bad", "warn", "strong", "good") for _, ink in item.runs)]
        self.show([part for item in shown for part in self._parts(item)])
        if following:
            self.call_after_refresh(self.do_bottom)

    def _parts(self, item: Line) -> list[Line]:
        """A line as the lines of the screen that it takes."""
        if item not in self._broken:
            self._broken[item] = [line(*part) for part in wrapped(item.runs, max(20, self._cells))]
        return self._broken[item]

    def on_resize(self) -> None:
        if self._cells != self.scrollable_content_region.width:
            self._cells = self.scrollable_content_region.width
            self._broken.clear()
            self._draw()

    def _tick(self) -> None:
        title = self.title_text
        if self.job is not None and self.job.running:
            title += f", {self.job.age:.0f} s (ctrl+x stops it)"
        elif self.job is not None:
            title += f", {self.job.state} after {self.job.age:.1f} s"
        self.border_title = clean(title)
