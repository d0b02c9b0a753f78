"""One of the repo's own tests: it runs at once, its output streams, then it says how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol

from textual.containers import Vertical
from textual.message_pump import MessagePump
from textual.widget import Widget

from triage import paths
from triage.errors import Refused
from triage.tui import background
from triage.tui.actions import SCREEN_SCOPES, bindings
from triage.tui.jobs import Job
from triage.tui.messages import JobCancelled, JobFailed, JobFinished, JobProgressed
from triage.tui.reasons import Context
from triage.tui.repeats import Repeats
from triage.tui.screens.base import TriageScreen
from triage.tui.text import Clean, clean
from triage.tui.widgets.inked import Run
from triage.tui.widgets.work_view import WorkView

if TYPE_CHECKING:
    from triage.services.run_test import TestRan


RUN, LABEL = "test", "running "


class Asker(Protocol):
    """The screen that asked for the run, and hears how it ends after this one was left."""

    def test_ended(self, node_id: str, outcome: str) -> None:
        """How the test goes, in a word or two."""


class OneTestScreen(TriageScreen):
    """Leaving does not stop the run, ctrl+x does."""

    SCOPE = "test"
    BINDINGS: ClassVar = bindings(*SCREEN_SCOPES["test"])
    CSS_PATH: ClassVar = paths.styles_dir() / "review.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#output"

    def __init__(self, node_id: str, asker: Asker) -> None:
        super().__init__()
        self.node_id = node_id
        self.output = WorkView("Output", id="output")
        self.repeats = Repeats()
        self.ran: TestRan | None = None
        self._asker = asker
        self._job: Job | None = None
        self._needs_agreement = False

    def body(self) -> Iterable[Widget]:
        yield Vertical(self.output, id="run")

    def on_mount(self) -> None:
        self._start()

    def panels(self) -> list[Widget]:
        return [self.output]

    @property
    def running(self) -> bool:
        return self._job is not None and self._job.running

    def context(self) -> Context:
        return Context(issues=1, draft=True, running=self.running, editor=self.triage.editor_reason())

    def standing(self) -> tuple[Sequence[Run], Sequence[Run]]:
        left: list[Run] = [(Clean("test "), "strong"), (clean(self.node_id, 300), "text")]
        if self.running:
            return left, [(Clean("running "), "accent")]
        if self.ran is None:
            return left, [(Clean("did not run "), "warn")]
        ink = {"passed": "good", "failed": "bad"}.get(self.ran.outcome, "warn")
        return left, [(clean(f"{self.ran.outcome} ", 40), ink)]

    def _start(self, accept_no_sandbox: bool = False) -> None:
        from triage.services.run_test import run_test

        workspace, node_id = self.triage.workspace, self.node_id
        self.ran = None
        self._needs_agreement = False
        self._job = background.running(self, RUN, f"{LABEL}{node_id}") or self.triage.jobs.start(
            self, RUN, f"{LABEL}{node_id}", lambda: run_test(workspace, node_id, accept_no_sandbox)
        )
        self.output.begin(self._job)
        self._asker.test_ended(node_id, "running")
        self.retell()

    def on_job_progressed(self, message: JobProgressed) -> None:
        if message.job is self._job:
            self.output.add(message.items)

    def on_job_finished(self, message: JobFinished) -> None:
        from triage.services.run_test import TestRan

        self.output.ended()
        if isinstance(message.result, TestRan):
            self.ran = message.result
            good = self.ran.outcome == "passed"
            self.output.tell(self.ran.in_words, "good" if good else "bad")
            self._asker.test_ended(self.node_id, self.ran.word)
        self.retell()

    def on_job_failed(self, message: JobFailed) -> None:
        self.output.ended()
        self.output.tell(str(message.error), "bad")
        if isinstance(message.error, Refused):
            self._needs_agreement = True
            self.repeats.arm("agree")
            self.output.tell("y agrees to this one run without a sandbox", "warn")
        self._asker.test_ended(self.node_id, "did not run")
        self.retell()

    def on_job_cancelled(self, message: JobCancelled) -> None:
        self.output.ended()
        self.output.tell("stopped", "warn")
        self._asker.test_ended(self.node_id, "stopped")
        self.retell()

    def on_unmount(self) -> None:
        if self._job is not None and self._job.running and isinstance(self._asker, MessagePump):
            self._job.owner = self._asker

    def do_again(self) -> None:
        if self.running:
            self.say("it runs: ctrl+x stops it")
        else:
            self._start()

    def do_stop(self) -> None:
        if self._job is not None:
            self.triage.jobs.cancel(self._job)

    def do_failures(self) -> None:
        self.output.show_failures(not self.output.failures_only)
        self.say("failures only" if self.output.failures_only else "all output")

    def do_agree(self) -> None:
        if not self._needs_agreement:
            self.do_copy()
        elif not self.repeats.held("agree"):
            self._start(accept_no_sandbox=True)

    async def do_edit(self) -> None:
        from triage.tui.editor import open_file

        file = self.triage.workspace.repo / self.node_id.partition("::")[0]
        if not file.is_file():
            self.say("this file is not in the working tree", warning=True)
            return
        await open_file(self.triage, file)

    def do_copy(self) -> None:
        self.triage.copy(self.node_id, "the test's name")

    def do_copy_full(self) -> None:
        self.triage.copy("\n".join(item.text for item in self.output.said), "the output")
