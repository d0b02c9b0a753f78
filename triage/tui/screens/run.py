"""Run: one draft before the fix and after it; output as it comes, the verdicts above it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.widget import Widget

from triage import paths
from triage.domain.ranking import unproven
from triage.domain.verdict import Evidence
from triage.errors import Refused
from triage.tui import background
from triage.tui.actions import SCREEN_SCOPES, Context, bindings
from triage.tui.draft_lines import evidence_runs, result_lines, untried_line
from triage.tui.jobs import Job
from triage.tui.messages import JobCancelled, JobFailed, JobFinished, JobProgressed
from triage.tui.repeats import Repeats
from triage.tui.screens.base import TriageScreen
from triage.tui.text import Clean, clean
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import Line, LineView, line
from triage.tui.widgets.work_view import WorkView

if TYPE_CHECKING:
    from triage.domain.draft import Draft


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
        self.output = WorkView("Output", id="output")
        self.verdict = LineView(id="verdict")
        self.verdict.can_focus = False
        self.repeats = Repeats()
        self._job: Job | None = None
        self._began = datetime.now(UTC)
        self._needs_agreement = False
        self._doing = ""

    def body(self) -> Iterable[Widget]:
        yield Vertical(self.verdict, self.output, id="run")

    def on_mount(self) -> None:
        self.verdict.border_title = "Evidence"
        self._start()

    def do_refresh(self) -> None:
        self._show()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    def panels(self) -> list[Widget]:
        return [self.output]

    @property
    def running(self) -> bool:
        """Whether it runs now."""
        return self._job is not None and self._job.running

    def context(self) -> Context:
        reason = "the run is not over" if self.running else None
        return Context(issues=1, draft=True, running=self.running, evidence=reason)

    def standing(self) -> tuple[Sequence[Run], Sequence[Run]]:
        left: list[Run] = [
            (Clean("run "), "strong"),
            (clean(f"draft {self.draft.id} "), "key"),
            (clean(self.draft.test_name), "text"),
        ]
        if self.running:
            return left, [(Clean("running "), "accent")]
        return left, evidence_runs(self.evidence)

    def _start(self, accept_no_sandbox: bool = False) -> None:
        from triage.services.verify import verify

        workspace, draft = self.triage.workspace, self.draft
        fix = self.triage.fixes.get(draft.issue_id)
        self._needs_agreement = False
        self._began = datetime.now(UTC)
        self._doing = "getting ready"
        self.evidence = None
        self._job = background.start(
            self,
            "verify",
            f"running draft {draft.id}",
            draft.issue_id,
            lambda: verify(workspace, draft.id, fix, stable=True, accept_no_sandbox=accept_no_sandbox),
        )
        self.output.begin(self._job)
        self._show()

    def _read_evidence(self) -> None:
        """What this run has shown so far."""
        found = self.triage.workspace.store.evidence(self.draft.id)
        before, after = (
            result if result is not None and result.when >= self._began else None
            for result in (found.before, found.after)
        )
        self.evidence = dataclasses.replace(found, before=before, after=after, stable_runs=0, unstable=False)

    def on_job_progressed(self, message: JobProgressed) -> None:
        from triage.services.steps import Step

        if message.job is not self._job:
            return
        self.output.add(message.items)
        steps = [item.text for item in message.items if isinstance(item, Step)]
        if steps:
            self._doing = steps[-1]
            self._read_evidence()
            self._show()

    def on_job_finished(self, message: JobFinished) -> None:
        from triage.services.steps import Verified

        self.output.ended()
        if isinstance(message.result, Verified):
            self.evidence = message.result.evidence
            reason = unproven(self.evidence)
            self.say(f"not proven: {reason}" if reason else "proven: P opens a draft pull request", bool(reason))
        self._show()
        self.retell()

    def on_job_failed(self, message: JobFailed) -> None:
        self.output.ended()
        self.output.tell(str(message.error), "bad")
        if isinstance(message.error, Refused):
            self._needs_agreement = True
            self.repeats.arm("agree")
        self._show()
        self.fail(message.error)
        self.retell()

    def on_job_cancelled(self, message: JobCancelled) -> None:
        self.output.ended()
        self.output.tell("stopped", "warn")
        self._show()
        self.retell()

    def _show(self) -> None:
        cells = self.size.width
        tall = self.size.height >= 24
        lines: list[Line] = result_lines(self.evidence, cells, most_why=3 if tall else 0)
        if self.running:
            lines.append(line((clean(f" {self._doing} …"), "accent")))
        elif self._needs_agreement:
            lines.append(line((Clean(" y"), "key"), (Clean(" agrees to this one run without a sandbox"), "warn")))
        elif self.evidence is not None and self.evidence.before is not None and self.evidence.after is None:
            lines.append(untried_line(self.triage.fixes.get(self.draft.issue_id)))
        elif not lines:
            lines.append(line((Clean(" no verdict: "), "warn"), (Clean("r"), "key"), (Clean(" runs it again"), "dim")))
        self.verdict.show(lines)
        self.verdict.styles.height = min(len(lines), 9 if tall else 4) + 1

    def do_again(self) -> None:
        self._start()

    def do_agree(self) -> None:
        if not self._needs_agreement:
            self.do_copy()
        elif not self.repeats.held("agree"):
            self._start(accept_no_sandbox=True)

    def do_stop(self) -> None:
        if self._job is not None:
            self.triage.jobs.cancel(self._job)

    def do_failures(self) -> None:
        self.output.show_failures(not self.output.failures_only)
        self.say("failures only" if self.output.failures_only else "all output")

    def do_edit(self) -> None:
        from triage.tui.screens.edit import EditScreen

        below = self.app.screen_stack[-2]
        if isinstance(below, EditScreen):
            self.app.pop_screen()
        else:
            self.app.push_screen(EditScreen(self.draft))

    def do_fix(self) -> None:
        from triage.tui.fix_choice import choose_fix

        choose_fix(self, self.draft.issue_id, lambda fix: self._start())

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
        self.triage.copy("\n".join(item.text for item in self.output.said), "the output")
