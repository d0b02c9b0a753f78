"""Run: one draft before the fix and after it; output as it comes, the verdicts above it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.widget import Widget

from triage import paths
from triage.domain.ranking import unproven
from triage.domain.verdict import Evidence
from triage.errors import Refused
from triage.tui.actions import SCREEN_SCOPES, Context, bindings
from triage.tui.draft_lines import evidence_runs, result_lines
from triage.tui.jobs import Job
from triage.tui.messages import IssuesChanged, JobCancelled, JobFailed, JobFinished, JobProgressed
from triage.tui.screens.base import TriageScreen
from triage.tui.text import Clean, clean
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import Line, LineView, line

if TYPE_CHECKING:
    from triage.domain.draft import Draft

MOST_LINES = 5_000
FAILURE = re.compile(r"^(E |>|FAILED|ERROR|\S+:\d+: )|Error\b|Exception\b")


class RunScreen(TriageScreen):
    """Starts the run at once; leaving does not stop it, ctrl+x does."""

    SCOPE = "run"
    BINDINGS: ClassVar = bindings(*SCREEN_SCOPES["run"])
    CSS_PATH: ClassVar = paths.styles_dir() / "review.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#output"

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft
        self.evidence: Evidence | None = None
        self.output = LineView(id="output")
        self.verdict = LineView(id="verdict")
        self._lines: list[Line] = []
        self._failures_only = False
        self._job: Job | None = None
        self._needs_agreement = False

    def body(self) -> Iterable[Widget]:
        yield Vertical(self.verdict, self.output)

    def on_mount(self) -> None:
        self.verdict.border_title = "Evidence"
        self.output.border_title = "Output"
        super().on_mount()
        self._start()

    @property
    def running(self) -> bool:
        return self._job is not None and self._job.running

    def context(self) -> Context:
        reason = "the run is not over" if self.running else unproven(self.evidence)
        return Context(issues=1, draft=True, running=self.running, evidence=reason)

    def standing(self) -> tuple[Sequence[Run], Sequence[Run]]:
        left: list[Run] = [
            (Clean("run "), "strong"),
            (clean(f"draft {self.draft.id} "), "key"),
            (clean(self.draft.node_id), "text"),
        ]
        if self.running:
            return left, [(Clean("running"), "accent")]
        return left, evidence_runs(self.evidence)

    def _start(self, accept_no_sandbox: bool = False) -> None:
        from triage.services.verify import verify

        workspace, draft = self.triage.workspace, self.draft
        self._lines.clear()
        self._needs_agreement = False
        self.evidence = None
        self._job = self.triage.jobs.start(
            self,
            "verify",
            f"running draft {draft.id}",
            lambda: verify(workspace, draft.id, stable=True, accept_no_sandbox=accept_no_sandbox),
        )
        self._show()

    def on_job_progressed(self, message: JobProgressed) -> None:
        from triage.services.steps import Output, Step

        for item in message.items:
            if isinstance(item, Step):
                self._lines.append(line((clean(f"-- {item.text}"), "key")))
            elif isinstance(item, Output):
                failed = bool(FAILURE.search(item.text[:300]))
                self._lines.append(line((clean(item.text), "bad" if failed else "text")))
        del self._lines[:-MOST_LINES]
        self._show()

    def on_job_finished(self, message: JobFinished) -> None:
        from triage.services.steps import Verified

        if isinstance(message.result, Verified):
            self.evidence = message.result.evidence
            reason = unproven(self.evidence)
            self.say(f"not ready to send: {reason}" if reason else "proven: P opens a draft pull request", bool(reason))
            self.app.post_message(IssuesChanged((self.draft.issue_id,)))
        self._show()
        self.retell()

    def on_job_failed(self, message: JobFailed) -> None:
        self._lines.append(line((clean(f"-- {message.error}"), "bad")))
        if isinstance(message.error, Refused):
            self._needs_agreement = True
            self._lines.append(
                line((Clean("   y"), "key"), (Clean(" agrees to this one run without a sandbox"), "text"))
            )
        self._show()
        self.fail(message.error)
        self.retell()

    def on_job_cancelled(self, message: JobCancelled) -> None:
        self._lines.append(line((Clean("-- stopped"), "warn")))
        self._show()
        self.retell()

    def _show(self) -> None:
        verdicts = result_lines(self.evidence)
        if not verdicts:
            verdicts = [line((Clean(" no verdict yet"), "dim"))]
        self.verdict.show(verdicts)
        self.verdict.styles.height = min(len(verdicts), 7) + 1
        shown = self._lines
        if self._failures_only:
            shown = [item for item in shown if any(ink in ("bad", "key") for _, ink in item.runs)]
        self.output.show(shown)
        if self.running:
            self.output.do_bottom()

    def do_again(self) -> None:
        self._start()

    def do_agree(self) -> None:
        if self._needs_agreement:
            self._start(accept_no_sandbox=True)
        else:
            self.say("nothing asks for it: runs have a sandbox here")

    def do_stop(self) -> None:
        if self._job is not None:
            self.triage.jobs.cancel(self._job)

    def do_failures(self) -> None:
        self._failures_only = not self._failures_only
        self._show()
        self.say("failures only" if self._failures_only else "all output")

    def do_publish_pull(self) -> None:
        self._publish(True)

    def do_publish_branch(self) -> None:
        self._publish(False)

    def _publish(self, pull_request: bool) -> None:
        from triage.tui.screens.publish import PublishScreen

        self.app.push_screen(PublishScreen(self.draft, pull_request))

    def do_copy(self) -> None:
        self.triage.copy(self.evidence.line if self.evidence else self.draft.node_id, "the evidence")

    def do_copy_full(self) -> None:
        self.triage.copy("\n".join(item.text for item in self._lines), "the output")
