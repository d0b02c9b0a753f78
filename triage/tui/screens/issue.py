"""One issue: where it stands, its stack with values, its source, and what came with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.containers import Container, Vertical
from textual.widget import Widget

from triage import paths
from triage.domain.case import Case
from triage.domain.code_path import LocatedFrame
from triage.domain.event import Event
from triage.domain.issue import Issue, Status
from triage.errors import TriageError
from triage.tui.actions import SCREEN_SCOPES, Context, bindings
from triage.tui.issue_facts import TABS, DraftKey, Facts, TestKey, curl
from triage.tui.issue_header import header_lines
from triage.tui.issue_source import source_lines, source_title
from triage.tui.issue_stack import FoldKey, FrameKey, Stack
from triage.tui.messages import DraftRequested, IssuesChanged, JobFailed, JobFinished, ReviewRequested
from triage.tui.screens.base import TriageScreen
from triage.tui.text import Clean, literal
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.inked import Run
from triage.tui.widgets.issue_tabs import TabStrip
from triage.tui.widgets.line_view import LineView


class IssueScreen(TriageScreen):
    """Shows the event at once, and what the checkout says of it as soon as that is known."""

    SCOPE = "issue"
    BINDINGS: ClassVar = bindings(*SCREEN_SCOPES["issue"])
    CSS_PATH: ClassVar = paths.styles_dir() / "issue.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#stack"

    def __init__(self, issue_id: int) -> None:
        super().__init__()
        self.issue_id = issue_id
        self.issue: Issue | None = None
        self.event: Event | None = None
        self.case: Case | None = None
        self.facts: Facts | None = None
        self.header = LineView(id="header")
        self.header.can_focus = False
        self.stack_view = LineView(id="stack", cursor=True)
        self.source = LineView(id="source")
        self.facts_view = LineView(id="facts", cursor=True)
        self.tabs = TabStrip(self.choose_tab)
        self.tab = 0
        self._stack: Stack | None = None
        self._unfolded: frozenset[FoldKey] = frozenset()
        self._libraries = False
        self._loading = "reading"
        self._shown: FrameKey | None = None
        self._resumed = False

    def body(self) -> Iterable[Widget]:
        yield self.header
        yield Container(
            self.stack_view,
            Vertical(self.source, Vertical(self.tabs, self.facts_view, id="facts-box"), id="right"),
            id="panels",
        )

    def on_mount(self) -> None:
        self.stack_view.border_title = "Stack, deepest first"
        self.source.border_title = "Source"
        self.soon(self._glance, "glance")
        self.load()

    def on_screen_resume(self) -> None:
        if self._resumed:
            self.load()
        self._resumed = True

    # -- loading

    async def _glance(self) -> None:
        """The issue and its event from the store, and note that it was looked at."""
        workspace = self.triage.workspace

        def look() -> tuple[Issue, Event]:
            from triage.services.inspect import glance

            return glance(workspace, self.issue_id)

        try:
            issue, event = await self.triage.lane.run(look)
        except TriageError:
            self.issue = await self.triage.lane.run(lambda: workspace.store.issue(self.issue_id))
            self._loading = "its payload cannot be read"
            self.show()
            raise
        if self.case is None:
            self.issue, self.event = issue, event
            self._loading = "looking into the checkout …"
            self._facts()
            self.show()
        await self.triage.lane.run(lambda: workspace.store.mark_seen(self.issue_id))
        await self._read_history()

    async def _read_history(self) -> None:
        store = self.triage.workspace.store
        history = await self.triage.lane.run(lambda: tuple(store.history(self.issue_id)))
        if self.facts is not None:
            self.facts = dataclasses.replace(self.facts, history=history)
            self._show_facts()

    def load(self) -> None:
        """Lay the event on the checkout, as a job."""
        workspace = self.triage.workspace

        def work() -> object:
            from triage.services.inspect import load_case

            return load_case(workspace, self.issue_id)

        self.triage.jobs.start(self, "case", f"looking into T-{self.issue_id}", work)  # type: ignore[arg-type]

    def on_job_finished(self, message: JobFinished) -> None:
        if message.job.kind == "case" and isinstance(message.result, Case):
            self.case = message.result
            self.issue, self.event = self.case.issue, self.case.event
            self._loading = ""
            self._facts()
            self.show()
            self.soon(self._read_history, "history")

    def on_job_failed(self, message: JobFailed) -> None:
        if message.job.kind == "case":
            self._loading = message.error.title
            self.show()

    def on_issues_changed(self, message: IssuesChanged) -> None:
        if self.issue_id in message.issue_ids:
            self.load()

    # -- showing

    def _facts(self) -> None:
        assert self.event is not None
        self.facts = Facts(self.event, self.case, self.facts.history if self.facts else ())
        self._stack = Stack(self.event, self.case.code_path if self.case else None)

    def show(self) -> None:
        """Draw all panels from what is known."""
        self._show_header()
        self._show_stack()
        self._show_source()
        self._show_facts()
        self.retell()

    def _show_header(self) -> None:
        if self.issue is None:
            return
        rows = 2 if self.size.height < 20 else (3 if self.size.height < 30 else 4)
        lines = header_lines(self.issue, self.event, self.case, self.size.width, rows, self._loading)
        self.header.styles.height = rows
        self.header.show(lines)

    def _show_stack(self) -> None:
        if self._stack is None:
            return
        known = self.stack_view.key
        lines = self._stack.lines(self.stack_view.scrollable_content_region.width - 1, self._unfolded, self._libraries)
        at = known if isinstance(known, FrameKey | FoldKey) else self._stack.first()
        self.stack_view.show(lines, at=at)

    @property
    def frame(self) -> FrameKey | None:
        """The frame that is chosen."""
        key = self.stack_view.key
        if isinstance(key, FrameKey):
            return key
        return self._shown

    @property
    def located(self) -> LocatedFrame | None:
        """The chosen frame on the checkout."""
        return self._stack.located(self.frame) if self._stack and self.frame else None

    def _show_source(self) -> None:
        key = self.frame
        if self._stack is None or key is None:
            return
        frame, located = self._stack.frame(key), self._stack.located(key)
        covering = self.case.covering if self.case else ()
        cells = self.source.scrollable_content_region.width
        lines, crash = source_lines(frame, located, covering, max(20, cells))
        fresh = key != self._shown
        self._shown = key
        self.source.border_title = literal(f"Source {source_title(frame, located)}", limit=200)
        self.source.show(lines)
        if fresh:
            height = self.source.page
            self.source.scroll_to(y=max(0, crash - height // 2) if crash > height * 2 // 3 else 0, animate=False)

    def _show_facts(self) -> None:
        if self.facts is None:
            return
        facts = self.facts
        # Closed, the panel is only its border: that must say what is in it.
        closed = self.size.height < 20
        self.query_one("#facts-box").border_title = TABS[self.tab].name.capitalize() if closed else ""
        self.tabs.show([(tab.name, tab.count(facts)) for tab in TABS], self.tab)
        cells = self.facts_view.scrollable_content_region.width - 1
        self.facts_view.show(TABS[self.tab].lines(facts, max(20, cells)))

    def on_resize(self) -> None:
        self.call_after_refresh(self.show)

    def standing(self) -> tuple[Sequence[Run], Sequence[Run]]:
        right: list[Run] = []
        if self.issue is not None and self.issue.status is not Status.UNRESOLVED:
            right.append((Clean(self.issue.status), "good"))
        return [(Clean(f"T-{self.issue_id}"), "strong")], right

    def context(self) -> Context:
        located = self.located
        case = self.case
        published = bool(case and any(item.url and not item.undone for item in case.publications))
        return Context(
            issues=1 if self.issue is not None else 0,
            frame_in_checkout=None if located is None else located.in_checkout,
            has_link=published,
            claude=self.triage.claude_reason,
            editor=self.triage.editor_reason(),
            drafts=len(case.drafts) if case else 0,
        )

    # -- moving about

    @on(CursorView.Moved, "#stack")
    def _frame_chosen(self) -> None:
        if isinstance(self.stack_view.key, FrameKey):
            self._show_source()
            self.retell()

    @on(CursorView.Opened, "#stack")
    def _frame_opened(self) -> None:
        key = self.stack_view.key
        if isinstance(key, FoldKey):
            self._unfolded |= {key}
            first = FrameKey(key.exception, key.last - 1)
            if self._stack is not None:
                width = self.stack_view.scrollable_content_region.width - 1
                self.stack_view.show(self._stack.lines(width, self._unfolded, self._libraries), at=first)
                self._show_source()
        else:
            self.source.focus()

    @on(CursorView.Opened, "#facts")
    def _fact_opened(self) -> None:
        match self.facts_view.key:
            case DraftKey(id=draft_id):
                self.post_message(ReviewRequested(self.issue_id, draft_id))
            case TestKey(node_id=node_id):
                file = self.triage.workspace.repo / node_id.partition("::")[0]
                self.soon(lambda: self._edit(file, None))
            case _:
                pass

    @on(CursorView.Left, "#stack")
    def _left_stack(self) -> None:
        self.do_leave()

    @on(CursorView.Left, "#source")
    def _left_source(self) -> None:
        self.stack_view.focus()

    @on(CursorView.Left, "#facts")
    def _left_facts(self) -> None:
        self.stack_view.focus()

    def panels(self) -> list[Widget]:
        return [self.stack_view, self.source, self.facts_view]

    def choose_tab(self, place: int) -> None:
        """Show another tab of facts."""
        self.tab = place % len(TABS)
        self._show_facts()
        self.facts_view.scroll_to(y=0, animate=False)

    def do_next_tab(self) -> None:
        self.choose_tab(self.tab + 1)

    def do_previous_tab(self) -> None:
        self.choose_tab(self.tab - 1)

    def do_code_path(self) -> None:
        self.stack_view.focus()

    def do_tests(self) -> None:
        self.choose_tab(0)
        self.facts_view.focus()

    def do_libraries(self) -> None:
        self._libraries = not self._libraries
        self._unfolded = frozenset()
        self._show_stack()

    # -- drafting, editing

    def do_draft(self) -> None:
        self.post_message(DraftRequested(self.issue_id, "replay"))

    def do_draft_instructed(self) -> None:
        self.post_message(DraftRequested(self.issue_id, "claude"))

    def do_review(self) -> None:
        self.post_message(ReviewRequested(self.issue_id))

    async def do_edit(self) -> None:
        located = self.located
        if located is not None and located.path is not None:
            await self._edit(self.triage.workspace.repo / located.path, located.head_line or located.release_line)

    def _present(self, path: Path) -> bool:
        if not path.is_file():
            self.say("this file is not in the working tree", warning=True)
            return False
        return True

    async def _edit(self, path: Path, line: int | None) -> None:
        from triage.tui.editor import open_file

        if not self._present(path):
            return
        await open_file(self.triage, path, line or 1)
        self.load()

    # -- changes

    async def do_resolve(self) -> None:
        from triage.services import tend

        done = self.issue is not None and self.issue.status is Status.RESOLVED
        change = tend.unresolve if done else tend.resolve
        await self._change(lambda: change(self.triage.workspace, [self.issue_id]))

    async def do_assign(self) -> None:
        from triage.services import tend

        me = self.triage.me or "me"
        mine = self.issue is not None and self.issue.assignee == me
        await self._change(lambda: tend.assign(self.triage.workspace, [self.issue_id], None if mine else me))

    async def do_snooze(self) -> None:
        from triage.services import tend

        await self._change(lambda: tend.snooze(self.triage.workspace, [self.issue_id]))

    async def do_undo(self) -> None:
        from triage.services import tend

        await self._change(lambda: tend.undo(self.triage.workspace) or "nothing to undo", undone=True)

    async def _change(self, change: Callable[[], str], undone: bool = False) -> None:
        try:
            said = await self.triage.lane.run(change)
            self.issue = await self.triage.lane.run(lambda: self.triage.workspace.store.issue(self.issue_id))
        except TriageError as error:
            self.fail(error)
            return
        if self.case is not None:
            self.case = dataclasses.replace(self.case, issue=self.issue)
        self._show_header()
        await self._read_history()
        self.triage.post_message(IssuesChanged(()))
        self.say(said if undone else f"{said}. z takes it back")

    def do_refresh(self) -> None:
        self.load()

    # -- taking along

    def do_copy(self) -> None:
        sent = self.event.request if self.event else None
        if TABS[self.tab].name == "request" and self.focused is self.facts_view and sent is not None:
            self.triage.copy(curl(sent), "the request as curl")
        elif self.focused is self.source and self._stack is not None and self.frame is not None:
            frame, located = self._stack.frame(self.frame), self._stack.located(self.frame)
            self.triage.copy(source_title(frame, located), "the place")
        elif self.issue is not None:
            self.triage.copy(f"{self.issue.short_id} {self.issue.title}\n{self.issue.culprit}", "the issue")

    def do_copy_full(self) -> None:
        from triage.tui.report import report

        if self.issue is not None:
            self.triage.copy(report(self.issue, self.event, self.case), "the issue with its traceback")

    def do_open_link(self) -> None:
        self.triage.open_link(self.issue_id)
