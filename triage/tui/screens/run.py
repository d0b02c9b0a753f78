"""Run: one draft before the fix and after it; output as it comes, the verdicts above it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Container, Vertical
from textual.widget import Widget

from triage import paths
from triage.domain.ranking import unproven
from triage.domain.verdict import Evidence, RunResult
from triage.errors import Refused
from triage.tui import background
from triage.tui.actions import SCREEN_SCOPES, bindings
from triage.tui.draft_lines import evidence_runs, next_line, place, result_lines, verdict_words
from triage.tui.jobs import Job
from triage.tui.messages import JobCancelled, JobFailed, JobFinished, JobProgressed
from triage.tui.reasons import Context
from triage.tui.repeats import Repeats
from triage.tui.screens.base import TriageScreen
from triage.tui.text import Clean, clean
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import Line, LineView, line
from triage.tui.widgets.work_view import WorkView

if TYPE_CHECKING:
    from triage.domain.draft import Draft

BEFORE, AFTER = "Before the fix", "On the fix"
ROOMY = 130


class RunScreen(TriageScreen):
    """Starts the run at once; leaving does not stop it, ctrl+x does."""

    SCOPE = "run"
    BINDINGS: ClassVar = bindings(*SCREEN_SCOPES["run"])
    CSS_PATH: ClassVar = paths.styles_dir() / "review.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#before"

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft
        self.evidence: Evidence | None = None
        self.before = WorkView(BEFORE, id="before", cursor=True)
        self.after = WorkView(AFTER, id="after", cursor=True)
        self.views = {"before": self.before, "after": self.after}
        self.shown: dict[str, RunResult] = {}  # earlier runs that are shown instead
        self.verdict = LineView(id="verdict")
        self.verdict.can_focus = False
        self.repeats = Repeats()
        self._job: Job | None = None
        self._began = datetime.now(UTC)
        self._needs_agreement = False
        self._doing = ""
        self._tell_side = "before"

    def body(self) -> Iterable[Widget]:
        yield Vertical(self.verdict, Container(self.before, self.after, id="outputs"), id="run")

    def on_mount(self) -> None:
        self.verdict.border_title = "Evidence"
        self.after.display = False
        self._start()

    def do_refresh(self) -> None:
        self._show()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    def panels(self) -> list[Widget]:
        return [view for view in self.views.values() if view.display]

    @property
    def running(self) -> bool:
        """Whether it runs now."""
        return self._job is not None and self._job.running

    def context(self) -> Context:
        reason = "the run is not over" if self.running else None
        return Context(issues=1, draft=True, running=self.running, evidence=reason, editor=self.triage.editor_reason())

    def standing(self) -> tuple[Sequence[Run], Sequence[Run]]:
        left: list[Run] = [
            (Clean("run "), "strong"),
            (clean(f"draft {self.draft.id} "), "key"),
            (clean(self.draft.test_name), "text"),
        ]
        if self.running:
            return left, [(Clean("running "), "accent")]
        return left, evidence_runs(self.evidence, brief=self.size.width < ROOMY)

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
        self._tell_side = "before"
        self.shown.clear()
        self.before.retitle(BEFORE)
        self.before.begin(self._job)
        self.after.begin(None)
        self.after.display = False
        self._add(tuple(self._job.said))  # it may have begun on another screen
        self._show()

    def _add(self, items: Iterable[object]) -> None:
        for side, some in groupby(items, self._side_of):
            self.views[side].add(some)

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
        self._add(message.items)
        steps = [item.text for item in message.items if isinstance(item, Step)]
        if steps:
            self._doing = steps[-1]
            self._read_evidence()
            self._show()

    def _side_of(self, item: object) -> str:
        """On which side it belongs; what has none goes on where the last one was."""
        side = getattr(item, "side", "")
        if side and side != self._tell_side:
            self._tell_side = side
            if not self.views[side].display:
                self.after.retitle(AFTER)
                self.after.begin(self._job)
                self.after.display = True
        return self._tell_side

    def on_job_finished(self, message: JobFinished) -> None:
        from triage.services.steps import Verified

        self._ended()
        if isinstance(message.result, Verified):
            self.evidence = message.result.evidence
            reason = unproven(self.evidence)
            self.say(f"not proven: {reason}" if reason else "proven: P opens a draft pull request", bool(reason))
            self._retitle()
        self._show()
        self.retell()

    def on_job_failed(self, message: JobFailed) -> None:
        self._came_to_nothing(str(message.error), "bad")
        if isinstance(message.error, Refused):
            self._needs_agreement = True
            self.repeats.arm("agree")
        self._show()
        self.fail(message.error)
        self.retell()

    def on_job_cancelled(self, message: JobCancelled) -> None:
        self._came_to_nothing("stopped", "warn")
        self._show()
        self.retell()

    def _came_to_nothing(self, why: str, ink: str) -> None:
        """The run has no verdict of its own; what earlier runs showed still stands."""
        self._ended()
        self.views[self._tell_side].tell(why, ink)
        stands = self.triage.workspace.store.evidence(self.draft.id)
        self.evidence = stands if stands.before else None

    def _ended(self) -> None:
        for view in self.views.values():
            view.ended()

    def _retitle(self) -> None:
        """Each output under what it came to."""
        for side, view in self.views.items():
            result = getattr(self.evidence, side) if self.evidence else None
            name = AFTER if side == "after" else BEFORE
            if result is not None:
                word, _ = verdict_words(result)
                view.job = None  # the evidence above has the seconds
                view.retitle(f"{name} @ {place(result)}: {word}")
                view.to_crash()

    def _show(self) -> None:
        cells = self.size.width
        tall = self.size.height >= 24
        lines: list[Line] = result_lines(self.evidence, cells, most_why=3 if tall else 0)
        if lines and not self.running and self._is_earlier():
            earlier = (Clean(" of an earlier run: "), "warn"), (Clean("r"), "key"), (Clean(" runs it again"), "dim")
            lines.insert(0, line(*earlier))
        if self.running:
            lines.append(line((clean(f" {self._doing} …"), "accent")))
        elif self._needs_agreement:
            lines.append(line((Clean(" y"), "key"), (Clean(" agrees to this one run without a sandbox"), "warn")))
        elif not lines:
            lines.append(line((Clean(" no verdict: "), "warn"), (Clean("r"), "key"), (Clean(" runs it again"), "dim")))
        else:
            lines.append(next_line(self.draft, self.evidence, self.triage.fixes.get(self.draft.issue_id), edit="e"))
        self.verdict.show(lines)
        self.verdict.styles.height = min(len(lines), 9 if tall else 4) + 1

    def _is_earlier(self) -> bool:
        before = self.evidence.before if self.evidence else None
        return before is not None and before.when < self._began

    def do_again(self) -> None:
        self.app.clear_notifications()
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
        only = not self.before.failures_only
        for view in self.views.values():
            view.show_failures(only)
        self.say("failures only" if only else "all output")

    # -- places and earlier runs

    @property
    def view(self) -> WorkView:
        """The output that the keys are about."""
        return self.after if self.focused is self.after else self.before

    def _commit(self) -> str:
        """The commit whose output one looks at."""
        side = "after" if self.view is self.after else "before"
        result = self.shown.get(side) or (getattr(self.evidence, side) if self.evidence else None)
        return result.commit if result is not None else "HEAD"

    def do_source(self) -> None:
        from triage.tui.screens.source import SourceScreen

        if (found := self.view.place()) is None:
            self.say("this line names no source; ] goes to the next that does", warning=True)
        else:
            self.app.push_screen(SourceScreen(self.draft, found, self._commit()))

    async def do_editor(self) -> None:
        from triage.services.places import source_of
        from triage.tui.editor import open_file

        if (found := self.view.place()) is None:
            self.say("this line names no source; ] goes to the next that does", warning=True)
            return
        source = await source_of(self.triage.workspace, self.draft, found, self._commit())
        if source.of_draft:
            self._edit(source.line)
        elif source.file is None:
            self.say(f"{source.path} is not in the checkout now; enter shows it as it was", warning=True)
        else:
            await open_file(self.app, source.file, source.line)

    def do_next_place(self) -> None:
        if not self.view.to_place(1):
            self.say("no further line names a source", warning=True)

    def do_previous_place(self) -> None:
        if not self.view.to_place(-1):
            self.say("no line above names a source", warning=True)

    def do_history(self) -> None:
        from triage.tui.screens.history import HistoryScreen

        runs = self.triage.workspace.store.runs(self.draft.id)

        def chosen(at: int | None) -> None:
            if at is not None:
                self._show_earlier(*runs[at])

        self.app.push_screen(HistoryScreen(self.draft.id, runs), chosen)

    def _show_earlier(self, side: str, result: RunResult) -> None:
        """What an earlier run printed, in its place; `r` runs anew."""
        if self.running:
            self.say("the run is not over: ctrl+x stops it", warning=True)
            return
        view = self.views[side]
        self.shown[side] = result
        self.before.display = True
        self.after.display = self.after.display or side == "after"
        word, _ = verdict_words(result)
        view.retitle(f"{side}, earlier run of {result.when.astimezone():%d %b %H:%M:%S} @ {place(result)}: {word}")
        view.show_output(result.output or "(it printed nothing)")
        if result.why:
            view.tell(result.why, "warn")
        view.focus()

    def do_edit(self) -> None:
        self._edit(None)

    def _edit(self, row: int | None) -> None:
        from triage.tui.screens.edit import EditScreen

        below = self.app.screen_stack[-2]
        if isinstance(below, EditScreen):
            self.app.pop_screen()
            if row is not None:
                below.go_to(row)
        else:
            self.app.push_screen(EditScreen(self.draft, line=row))

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
        self.triage.copy("\n".join(item.text for item in self.view.said), "the output")
