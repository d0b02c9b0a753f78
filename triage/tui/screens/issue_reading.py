"""Reading the source on the issue screen: whole files, both sides, tests of a line, blame."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from textual import on

from triage.domain.code_path import Blame, LocatedFrame
from triage.domain.event import Frame
from triage.errors import TriageError
from triage.services.source_text import Side
from triage.tui.glyphs import GLYPHS
from triage.tui.issue_source import (
    checkout_lines,
    sent_lines,
    side_words,
    source_title,
    test_lines,
)
from triage.tui.issue_stack import FoldKey, FrameKey
from triage.tui.issue_tabs import PLACE
from triage.tui.jobs import Lane
from triage.tui.messages import JobFinished
from triage.tui.screens.issue_panels import IssuePanels
from triage.tui.text import literal
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.source_view import SourceView
from triage.tui.wording import blame_words

if TYPE_CHECKING:
    from triage.services.source_text import LineTests, SourceText

AHEAD = 0.2
"""Seconds of rest after which the next files are read."""
KEPT = 24
"""Files that are kept open, each with what was read of it."""


class IssueReading(IssuePanels):
    """The source panel follows the stack; the tests of a line follow the source's cursor."""

    def __init__(self, issue_id: int) -> None:
        super().__init__(issue_id)
        self.files = Lane("files")
        self.side = Side.RELEASE
        self._open: dict[tuple[str, str, int | None], SourceText] = {}
        self._blamed: tuple[SourceText, int] | None = None
        self._waits_for: object = None

    def on_unmount(self) -> None:
        self.files.close()

    # -- the chosen frame

    @on(CursorView.Moved, "#stack")
    def _frame_chosen(self) -> None:
        if isinstance(self.stack_view.key, FrameKey):
            self.test_shown = ""
            self.show_source()
            self.retell()

    @on(CursorView.Opened, "#stack")
    def _frame_opened(self) -> None:
        key = self.stack_view.key
        if isinstance(key, FoldKey):
            self.unfolded |= {key}
            self.show_stack(at=FrameKey(key.exception, key.last - 1))
            self.show_source()
        else:
            self.source.focus()

    def do_next_frame(self) -> None:
        self._walk(1)

    def do_previous_frame(self) -> None:
        self._walk(-1)

    def _walk(self, by: int) -> None:
        """To the program's next own frame, wherever the focus is."""
        order = self.stack.walk() if self.stack else []
        if not order:
            self.say("this event has no frames", warning=True)
            return
        here = self.frame
        if here in order:
            at = order.index(here) + by
        else:
            at = 0 if by > 0 else len(order) - 1
        if not 0 <= at < len(order):
            self.say("this is where it crashed" if at < 0 else "this is the outermost frame of ours")
            return
        self.test_shown = ""
        self.show_stack(at=order[at])
        if self.stack_view.key != order[at]:  # folded away
            self.unfolded |= self._folds_around(order[at])
            self.show_stack(at=order[at])
        self.show_source()
        self.say(f"frame {at + 1} of {len(order)}")
        self.retell()

    def _folds_around(self, frame: FrameKey) -> frozenset[FoldKey]:
        keys = [line.key for line in self.stack_view.lines]
        return frozenset(
            key
            for key in keys
            if isinstance(key, FoldKey) and key.exception == frame.exception and key.first <= frame.frame < key.last
        )

    # -- its source

    def show_source(self) -> None:
        if self.test_shown:
            return
        key = self.frame
        if self.stack is None or key is None:
            return
        frame, located = self.stack.frame(key), self.stack.located(key)
        self.shown = key
        self.know(frame=frame, located=located)
        title = source_title(frame, located)
        self._waits_for = key
        if located is None or located.path is None or self.case is None:
            self.text = None
            self._show_sent(frame, located, title)
            return
        known = self._open.get(self._file_key(located))
        if known is not None:
            self._show_text(known, frame, located)
            return
        if self.source.source is None:
            self._show_sent(frame, located, title, reading=True)
        self.soon(lambda: self._read(key, frame, located), "source")

    def _file_key(self, located: LocatedFrame) -> tuple[str, str, int | None]:
        assert self.case is not None
        path = self.case.code_path
        if self.side is Side.RELEASE:
            return (located.path or "", path.commit or "", located.release_line)
        return (located.head_path or "", path.head or "", located.head_line)

    async def _read(self, key: FrameKey, frame: Frame, located: LocatedFrame) -> None:
        side = self.side
        try:
            text = await self._opened(located)
        except TriageError as error:
            if self._waits_for == key:
                self.text = None
                self._show_sent(frame, located, source_title(frame, located), why=error.title)
            return
        if self._waits_for == key and self.side is side and not self.test_shown:
            self._show_text(text, frame, located)

    async def _opened(self, located: LocatedFrame) -> SourceText:
        """The file of a frame on the side that is shown, kept for the next time."""
        workspace, case, side = self.triage.workspace, self.case, self.side
        assert case is not None
        name = self._file_key(located)

        def read() -> SourceText:
            from triage.services.source_text import open_source

            return asyncio.run(open_source(workspace, located, case.code_path, side))

        known = self._open.get(name)
        text = known if known is not None else await self.files.run(read)
        while len(self._open) >= KEPT:
            self._open.pop(next(iter(self._open)))
        self._open[name] = text
        return text

    def forget_files(self) -> None:
        """Read files anew when they are shown next: the coverage index may be another."""
        self._open.clear()

    async def _read_ahead(self) -> None:
        """Open what `.` and `,` would show next, once nothing else was asked for a while."""
        await asyncio.sleep(AHEAD)
        order = self.stack.walk() if self.stack else []
        here = self.frame
        if here not in order or self.stack is None:
            return
        at = order.index(here)
        for key in (*order[at + 1 : at + 2], *order[max(0, at - 1) : at]):
            located = self.stack.located(key)
            if located is not None and located.path is not None and self._file_key(located) not in self._open:
                with contextlib.suppress(TriageError):  # told when somebody goes there
                    await self._opened(located)

    def _show_sent(
        self, frame: Frame, located: LocatedFrame | None, title: str, why: str = "", reading: bool = False
    ) -> None:
        """What the event carries, until there is more or because there is no more."""
        self.source.border_title = literal(f"Source {title}", limit=200)
        lines = sent_lines(frame, located, self._cells, why)
        if reading or why or self.case is not None or self.source.source is None:
            self.source.show_source(lines, lines.crash)
        self.know(line=None)
        if self.case is not None and not reading:
            self._settled()

    def _show_text(self, text: SourceText, frame: Frame, located: LocatedFrame) -> None:
        fresh = text is not self.text
        at = text.line if fresh else self.source.number
        self.text = text
        self._entitle(f"Source {source_title(frame, located)}, {side_words(text)}", text)
        lines = checkout_lines(frame, located, text, self._cells)
        if fresh:
            self.source.show_source(lines, at)
        else:
            self.source.redraw(lines)
        self.ask_line()
        self.soon(self._read_ahead, "ahead")
        self.retell()

    def _entitle(self, title: str, text: SourceText) -> None:
        """The panel's title, and behind it, where there is room, what the signs beside the lines mean."""
        if text.coverage is not None:
            stale = " once" if text.coverage.stale else ""
            words = f"{GLYPHS.bar} run by tests{stale}  {GLYPHS.uncovered} by none"
        elif text.indexed:
            words = "no indexed test runs this file"
        else:
            words = "`triage index` shows coverage"
        shown = f"{title}  {words}" if len(title) + len(words) + 8 <= self.source.size.width else title
        self.source.border_title = literal(shown, limit=300)

    @property
    def _cells(self) -> int:
        return max(20, self.source.scrollable_content_region.width)

    @on(SourceView.Scrolled, "#source")
    def _lines_in_view(self, message: SourceView.Scrolled) -> None:
        """Read the statements that came into view, for the signs beside them."""
        text = self.text
        if text is None or text.coverage is None or not text.unread(message.first, message.last):
            return

        async def read() -> None:
            await self.files.run(lambda: text.read(text.unread(message.first, message.last)))
            if self.text is text:
                self.source.redraw()

        self.soon(read, "statements")

    def do_side(self) -> None:
        """The other side: the release's commit, or HEAD."""
        if self.test_shown:
            self.close_test()
            return
        self.side = Side.HEAD if self.side is Side.RELEASE else Side.RELEASE
        line = self.source.number
        there = self.text.elsewhere(line) if self.text is not None and line is not None else None
        key = self.frame
        self.show_source()
        if there is not None and key is not None:
            self._go_when_open(key, there)

    def _go_when_open(self, key: FrameKey, line: int) -> None:
        """Keep the cursor on the same line of code on the other side."""

        async def go() -> None:
            await self.files.run(lambda: None)  # behind the file in the same lane
            if self.frame == key and self.text is not None and self.text.side is self.side:
                self.source.go(line)

        self.soon(go, "go")

    # -- tests of the line under the cursor

    @on(CursorView.Moved, "#source")
    def _line_chosen(self) -> None:
        self.ask_line()

    @on(CursorView.Opened, "#source")
    def _line_opened(self) -> None:
        self.do_tests()

    def ask_line(self) -> None:
        """Look up which tests run the line under the cursor."""
        text, number = self.text, self.source.number
        if text is None or number is None or self.test_shown:
            return
        workspace = self.triage.workspace

        def look() -> LineTests:
            from triage.services.source_text import tests_at

            return tests_at(workspace, text, number)

        async def ask() -> None:
            found = await self.files.run(look)
            if self.text is text and self.source.number == number:
                self.know(line=found)
            self._settled()

        self.soon(ask, "line")

    def _settled(self) -> None:
        """All that belongs together is there, once it is laid out."""
        self.call_after_refresh(self.call_after_refresh, self.triage.let_go, self)

    # -- a test in the panel

    def show_test(self, text: SourceText, node_id: str) -> None:
        """Show a test's file instead of the frame's."""
        self.test_shown = node_id
        self.text = text
        self._entitle(f"Test {node_id} (v: back)", text)
        self.source.show_source(test_lines(text), text.line)
        self.source.focus()
        self.retell()

    def close_test(self) -> None:
        """Back to the frame's source."""
        self.test_shown = ""
        self.text = None
        self.source.source = None
        self.show_source()
        self.retell()

    # -- blame

    def do_blame(self) -> None:
        """Who last touched the line under the cursor; again: away with it."""
        text, number = self.text, self.source.number
        if text is None or number is None:
            return
        if self._blamed == (text, number):
            for job in self.triage.jobs.running:
                if job.owner is self and job.kind == "blame":
                    self.triage.jobs.cancel(job)
            self.blame_ended()
            return
        self._blamed = (text, number)
        self.source.remark(number, "asking git …")
        workspace = self.triage.workspace

        def work() -> object:
            from triage.services.source_text import blame_line

            return blame_line(workspace, text, number)

        self.triage.jobs.start(self, "blame", f"blame of {text.path}:{number}", work)  # type: ignore[arg-type]

    def on_job_finished(self, message: JobFinished) -> None:
        if message.job.kind != "blame" or not isinstance(message.result, Blame) or self._blamed is None:
            return
        text, number = self._blamed
        if text is self.text:
            words = blame_words(message.result)
            self.source.remark(number, words)
            self.say(words)

    def blame_ended(self) -> None:
        """It was stopped, or git did not say."""
        if self._blamed is not None:
            self.source.remark(self._blamed[1], "")
            self._blamed = None

    def do_tests(self) -> None:
        self.choose_tab(PLACE["tests"])
        self.facts_view.focus()
