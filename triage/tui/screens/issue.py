"""One issue: where it stands, its stack with values, its source, and what came with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on

from triage import paths
from triage.domain.case import Case
from triage.domain.event import Event
from triage.domain.issue import Issue
from triage.errors import TriageError
from triage.tui.actions import SCREEN_SCOPES, bindings
from triage.tui.issue_request import curl, redacted
from triage.tui.issue_source import source_title
from triage.tui.issue_tabs import TABS
from triage.tui.messages import (
    DraftRequested,
    IssuesChanged,
    JobCancelled,
    JobFailed,
    JobFinished,
    ReviewRequested,
)
from triage.tui.screens.issue_changes import IssueChanges
from triage.tui.screens.issue_tests import IssueTests
from triage.tui.widgets.cursor_view import CursorView

if TYPE_CHECKING:
    from triage.domain.report import Report
    from triage.services.neighbours import Neighbour


class IssueScreen(IssueTests, IssueChanges):
    """Shows the event at once, and what the checkout says of it as soon as that is known."""

    BINDINGS: ClassVar = bindings(*SCREEN_SCOPES["issue"])
    CSS_PATH: ClassVar = paths.styles_dir() / "issue.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#stack"

    def __init__(self, issue_id: int) -> None:
        super().__init__(issue_id)
        self._resumed = False

    def on_mount(self) -> None:
        self.triage.hold(self)
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
            self.doing = "its payload cannot be read"
            self.show()
            raise
        if self.case is None:
            self.issue, self.event = issue, event
            self.doing = "looking into the checkout …"
            self.learned()
            self.show()
        await self.triage.lane.run(lambda: workspace.store.mark_seen(self.issue_id))
        await self.read_history()
        await self._read_around()

    async def _read_around(self) -> None:
        """What else the store knows: reports, and issues like this one."""
        workspace, issue, event = self.triage.workspace, self.issue, self.event
        if issue is None:
            return

        def reports() -> tuple[Report, ...]:
            return tuple(workspace.store.reports(issue.id))

        def similar() -> tuple[Neighbour, ...]:
            from triage.services.neighbours import neighbours

            return neighbours(workspace, issue, event)

        self.know(reports=await self.triage.lane.run(reports))
        self.know(similar=await self.triage.lane.run(similar))

    def tab_chosen(self, name: str) -> None:
        if name == "releases":
            self.soon(self._count, "count")

    async def _count(self) -> None:
        """The issue's events over time, as many bars as the panel is wide."""
        store = self.triage.workspace.store
        most = max(8, min(120, self.facts_view.scrollable_content_region.width - 8))
        self.know(seen=await self.triage.lane.run(lambda: store.occurrences(self.issue_id, most)))

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
            self.doing = ""
            self.learned()
            self.show()
            self.soon(self.read_history, "history")
            if TABS[self.tab].name == "releases":
                self.soon(self._count, "count")

    def on_job_failed(self, message: JobFailed) -> None:
        if message.job.kind == "case":
            self.doing = message.error.title
            self.show()
        elif message.job.kind == "blame":
            self.blame_ended()

    def on_job_cancelled(self, message: JobCancelled) -> None:
        if message.job.kind == "blame":
            self.blame_ended()

    def on_issues_changed(self, message: IssuesChanged) -> None:
        if self.issue_id in message.issue_ids:
            self.load()

    def do_refresh(self) -> None:
        self.forget_files()
        self.load()
        self.soon(self._read_around, "around")

    # -- moving about

    @on(CursorView.Left, "#stack")
    def _left_stack(self) -> None:
        self.do_leave()

    @on(CursorView.Left, "#source")
    def _left_source(self) -> None:
        if self.test_shown:
            self.close_test()
        else:
            self.stack_view.focus()

    @on(CursorView.Left, "#facts")
    def _left_facts(self) -> None:
        self.source.focus()

    def do_back(self) -> None:
        if self.test_shown:
            self.close_test()
        else:
            super().do_back()

    def do_code_path(self) -> None:
        self.stack_view.focus()

    def do_libraries(self) -> None:
        self.libraries = not self.libraries
        self.unfolded = frozenset()
        self.show_stack()

    # -- drafting

    def do_draft(self) -> None:
        self.post_message(DraftRequested(self.issue_id, "replay"))

    def do_draft_instructed(self) -> None:
        self.post_message(DraftRequested(self.issue_id, "claude"))

    def do_review(self) -> None:
        self.post_message(ReviewRequested(self.issue_id))

    # -- taking along

    def do_copy(self) -> None:
        sent = self.event.request if self.event else None
        if TABS[self.tab].name == "request" and self.focused is not self.source and sent is not None:
            self.soon(lambda: self._copy_request(secrets=False))
        elif self.focused is self.source and self.stack is not None and self.frame is not None:
            frame, located = self.stack.frame(self.frame), self.stack.located(self.frame)
            place = source_title(frame, located)
            if self.text is not None and self.source.number is not None:
                place = f"{self.text.path}:{self.source.number}"
            self.triage.copy(place, "the place")
        elif self.issue is not None:
            self.triage.copy(f"{self.issue.short_id} {self.issue.title}\n{self.issue.culprit}", "the issue")

    def do_copy_full(self) -> None:
        from triage.tui.report import report

        if self.issue is not None:
            self.triage.copy(report(self.issue, self.event, self.case), "the issue with its traceback")

    def do_copy_secrets(self) -> None:
        """The request with whatever is secret in it: only when asked for by this key."""
        self.soon(lambda: self._copy_request(secrets=True))

    async def _copy_request(self, secrets: bool) -> None:
        sent = self.event.request if self.event else None
        if sent is None:
            return

        def made() -> str:
            from triage.redact import redact_value

            return curl(sent if secrets else redacted(sent, redact_value))

        text = await self.triage.lane.run(made)
        if secrets:
            self.triage.copy(text, "the request as curl WITH its secrets", secrets=True)
        else:
            self.triage.copy(text, "the request as curl, secrets replaced,")

    def do_open_link(self) -> None:
        self.triage.open_link(self.issue_id)
