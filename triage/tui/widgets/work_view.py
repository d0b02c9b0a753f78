"""What a job says as it goes: its steps, what it prints, how it ended; how long it takes in the title."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from triage.domain.places import Place, place_in
from triage.tui.jobs import Job
from triage.tui.python_ink import wrapped
from triage.tui.text import Clean, clean
from triage.tui.widgets.line_view import Line, LineView, line

if TYPE_CHECKING:
    from triage.tui.app import TriageApp

MOST_LINES = 5_000
NEAR = 12
"""How far above a line of source its place may stand in a traceback."""
FAILURE = re.compile(r"^(E  |>  |FAILED|ERROR|\S+:\d+: )|\b\w*(Error|Exception)\b")
LIBRARY = re.compile(r"^\S*/(?:(?:site|dist)-packages|lib/python3\.\d+)/\S+:\d+: ")
"""A frame of a traceback that is not the program's own."""
RULE = re.compile(r"([=_-])\1{9,}")
TELLING = frozenset({"bad", "warn", "strong", "good"})


class WorkView(LineView):
    """Follows the end while one is there; who scrolled up stays there. With `cursor` one can go
    from line to line, and to the source that a line speaks of."""

    def __init__(self, title: str, *, id: str | None = None, cursor: bool = False) -> None:
        super().__init__(id=id, cursor=cursor)
        self.title_text = title
        self.job: Job | None = None
        self.failures_only = False
        self._said: list[Line] = []
        self._dropped = 0
        self._broken: dict[Line, list[Line]] = {}
        self._cells = 0

    def on_mount(self) -> None:
        self._tick()
        self.set_interval(10.0 if cast("TriageApp", self.app).remote else 1.0, self._tick)

    @property
    def said(self) -> list[Line]:
        """All lines, whatever is shown."""
        return self._said

    def begin(self, job: Job | None) -> None:
        """From now on it is about this job, or about something that is over already."""
        self.job = job
        self._said = []
        self._dropped = 0
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
                self._said.append(_printed(item.text))
        self._draw()

    def show_output(self, output: str) -> None:
        """What a run that is over printed, from its start."""
        self.begin(None)
        self._said = [_printed(text) for text in output.splitlines()]
        self._draw(following=False)

    def tell(self, text: str, ink: str = "text") -> None:
        """One more line of our own."""
        self.put(line((clean(f" {text}"), ink)))

    def put(self, item: Line) -> None:
        """One more line, inks and all."""
        self._said.append(item)
        self._draw()

    def goes_on(self, job: Job) -> None:
        """What was said stays; from now on this job takes the time."""
        self.job = job
        self._tick()

    def retitle(self, title: str) -> None:
        """Another title; how long it takes is added."""
        self.title_text = title
        self._tick()

    def ended(self) -> None:
        """The job is over."""
        self._tick()

    def show_failures(self, only: bool) -> None:
        """Only steps and the lines that tell of a failure, or all."""
        self.failures_only = only
        self._draw()
        self.do_bottom()

    # -- places

    def place(self) -> Place | None:
        """The source that the line under the cursor speaks of: its own, or that of the traceback
        entry which it belongs to."""
        if not self.has_cursor or not self._lines:
            return None
        for row in range(self.index, max(-1, self.index - NEAR), -1):
            if (found := self._place_at(row)) is not None:
                return found
        return None

    def to_place(self, step: int) -> bool:
        """Go to the next line (or the one before) that names a source; says whether there is one."""
        rows = range(self.index + step, self.row_count() if step > 0 else -1, step)
        row = next((row for row in rows if self._place_at(row) is not None), None)
        if row is not None:
            self.move(row)
        return row is not None

    def to_crash(self) -> None:
        """From the end, where one follows, to the last line that names a source: there it failed."""
        if self._follows():
            self.call_after_refresh(self.call_after_refresh, self.to_place, -1)

    def _place_at(self, row: int) -> Place | None:
        key = self._lines[row].key
        if not isinstance(key, tuple) or key[1]:
            return None  # a line goes on here
        number = key[0] - self._dropped
        return place_in(self._said[number].text) if 0 <= number < len(self._said) else None

    # -- drawing

    def _draw(self, following: bool | None = None) -> None:
        if following is None:
            following = self._follows()
        surplus = len(self._said) - MOST_LINES
        if surplus > 0:
            del self._said[:surplus]
            self._dropped += surplus
        kept = enumerate(self._said, self._dropped)
        if self.failures_only:
            kept = ((at, item) for at, item in kept if any(ink in TELLING for _, ink in item.runs))  # type: ignore[assignment]
        self.show([part for at, item in kept for part in self._parts(at, item)])
        if following:
            self.call_after_refresh(self.do_bottom)

    def _follows(self) -> bool:
        """Whether one is at the end, where the next line comes."""
        if self.has_cursor:
            return self.index >= self.row_count() - 1
        return self.scroll_offset.y >= self.row_count() - self.page - 1

    def _parts(self, at: int, item: Line) -> list[Line]:
        """A line as the lines of the screen that it takes."""
        if item not in self._broken:
            self._broken[item] = [line(*part) for part in wrapped(item.runs, max(20, self._cells - self._cursor))]
        parts = self._broken[item]
        if not self._cursor:
            return parts
        return [line(*part.runs, key=(at, place)) for place, part in enumerate(parts)]

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


def _printed(text: str) -> Line:
    failed = bool(FAILURE.search(text[:300])) and not LIBRARY.match(text[:1_000])
    text = RULE.sub(lambda rule: rule[1] * 4, text)  # as wide as a terminal, which a pane is not
    return line((clean(f"   {text}"), "bad" if failed else "dim"))
