"""Publish: what exactly will be sent, then what was sent; u takes it back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.containers import Vertical
from textual.widget import Widget

from triage import paths
from triage.tui.actions import SCREEN_SCOPES, Context, bindings
from triage.tui.jobs import Job
from triage.tui.messages import IssuesChanged, JobCancelled, JobFailed, JobFinished, JobProgressed
from triage.tui.screens.base import TriageScreen
from triage.tui.text import Clean, clean, clean_lines
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import BLANK, Line, LineView, line

if TYPE_CHECKING:
    from triage.domain.draft import Draft
    from triage.domain.publication import Publication
    from triage.services.steps import PublicationPlan


class PublishScreen(TriageScreen):
    """Sends at once when the plan is safe; else shows it and waits for y. With `undo` it
    takes that publication back."""

    SCOPE = "publish"
    BINDINGS: ClassVar = bindings(*SCREEN_SCOPES["publish"])
    CSS_PATH: ClassVar = paths.styles_dir() / "review.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#plan"

    def __init__(self, draft: Draft, pull_request: bool, undo: Publication | None = None) -> None:
        super().__init__()
        self.draft = draft
        self.pull_request = pull_request
        self.plan: PublicationPlan | None = None
        self.sent: Publication | None = undo
        self._undo_first = undo is not None
        self._job: Job | None = None
        self._steps: list[Line] = []
        self.view = LineView(id="plan")
        self.progress = LineView(id="progress")

    def body(self) -> Iterable[Widget]:
        yield Vertical(self.progress, self.view)

    def on_mount(self) -> None:
        self.view.border_title = "What will be sent"
        self.progress.border_title = "Progress"
        super().on_mount()
        if self._undo_first:
            self.do_undo()
        else:
            self._plan()

    @property
    def running(self) -> bool:
        return self._job is not None and self._job.running

    def context(self) -> Context:
        standing = self.sent is not None and not self.sent.undone
        reason = "wait until it is done" if self.running else None
        return Context(
            issues=1,
            draft=not self.running,
            evidence=reason,
            running=self.running,
            published=standing,
            has_link=bool(standing and self.sent and self.sent.url),
        )

    def standing(self) -> tuple[Sequence[Run], Sequence[Run]]:
        what = "pull request" if self.pull_request else "branch"
        left: list[Run] = [(clean(f"publish {what} "), "strong"), (clean(self.draft.node_id), "text")]
        if self.running:
            return left, [(Clean("working"), "accent")]
        if self.sent is not None:
            return left, [(Clean("undone"), "warn") if self.sent.undone else (Clean("sent"), "good")]
        return left, [(Clean("nothing sent yet"), "dim")]

    # -- plan and send

    def _plan(self) -> None:
        from triage.services.publish import plan

        workspace = self.triage.workspace
        self._job = self.triage.jobs.start(
            self, "plan", "working out what to send", lambda: plan(workspace, self.draft.id, self.pull_request)
        )
        self._tell("working out what would be sent")

    def _send(self, accept: bool = False) -> None:
        from triage.services.publish import publish

        workspace = self.triage.workspace
        self._job = self.triage.jobs.start(
            self,
            "publish",
            "publishing",
            lambda: publish(workspace, self.draft.id, self.pull_request, accept),
        )
        self.retell()

    def on_job_progressed(self, message: JobProgressed) -> None:
        from triage.services.steps import Step

        for item in message.items:
            if isinstance(item, Step):
                self._tell(item.text)

    def on_job_finished(self, message: JobFinished) -> None:
        from triage.services.steps import Published, Undone

        result = message.result
        if message.job.kind == "plan":
            self.plan = cast("PublicationPlan", result)
            self.view.show(self._plan_lines(self.plan), top=True)
            if self.plan.blockers:
                self._tell("not sent: " + "; ".join(self.plan.blockers), "warn")
                self._tell("y sends it all the same, escape leaves it", "key")
                self.say("not everything is proven: y sends it all the same", warning=True)
            else:
                self._send()
        elif isinstance(result, Published):
            self._published(result.publication, result.existed)
        elif isinstance(result, Undone):
            self.sent = result.publication
            self._tell(f"undone: {result.publication.branch} is gone", "good")
            self.say(f"undone: {result.publication.branch}")
            self._changed()
        self.retell()

    def on_job_failed(self, message: JobFailed) -> None:
        self._tell(str(message.error), "bad")
        self.fail(message.error)
        self.retell()

    def on_job_cancelled(self, message: JobCancelled) -> None:
        self._tell("stopped", "warn")
        self.retell()

    def _published(self, publication: Publication, existed: bool) -> None:
        self.sent = publication
        self.view.border_title = "What was sent"
        name = f"PR #{publication.number}" if publication.number else publication.branch
        found = "an earlier press sent it already" if existed else "sent"
        self._tell(f"{found}: {name}", "good")
        if publication.url:
            self._tell(publication.url, "accent")
        if publication.text:
            for piece in clean_lines(publication.text):
                self._steps.append(line((piece, "text")))
            self._tell("no forge we know: open the request with the text above (Y copies it)")
        self.say(f"{name} {publication.url or ''} - o opens it, u undoes it")
        self._changed()

    def _changed(self) -> None:
        self.app.post_message(IssuesChanged((self.draft.issue_id,)))

    def _tell(self, text: str, ink: str = "text") -> None:
        self._steps.append(line((clean(f" {text}"), ink)))
        self.progress.show(self._steps)
        self.progress.styles.height = min(len(self._steps), 8) + 1
        self.progress.do_bottom()

    def _plan_lines(self, plan: PublicationPlan) -> list[Line]:
        made = [
            line((Clean(" branch  "), "dim"), (clean(plan.branch), "key")),
            line((Clean(" remote  "), "dim"), (clean(plan.remote), "text")),
            line((Clean(" base    "), "dim"), (clean(f"{plan.base} ({plan.forge})"), "text")),
        ]
        made += [line((clean(f" note    {caution}"), "warn")) for caution in plan.cautions]
        made.append(BLANK)
        if self.pull_request:
            made.append(line((Clean(" Title   "), "dim"), (clean(plan.title), "strong")))
            made += [line((Clean(" "), "text"), (piece, "text")) for piece in clean_lines(plan.body)]
            made.append(BLANK)
        made.append(line((Clean(" Commit"), "dim")))
        made += [line((Clean(" "), "text"), (piece, "text")) for piece in clean_lines(plan.commit_message)]
        made.append(BLANK)
        for piece in clean_lines(plan.diff):
            ground = {"+": "added", "-": "removed"}.get(piece[:1], "")
            ink = "dim" if piece.startswith(("diff ", "index ", "--- ", "+++ ", "@@")) else "text"
            made.append(line((piece, ink), ground="" if ink == "dim" else ground))
        return made

    # -- actions

    def do_accept(self) -> None:
        if self.plan is None or self.running or self.sent is not None:
            self.say("there is nothing to agree to now")
        else:
            self._send(accept=True)

    def do_pull(self) -> None:
        self._again(True)

    def do_branch(self) -> None:
        self._again(False)

    def _again(self, pull_request: bool) -> None:
        self.pull_request = pull_request
        self.sent = None
        self._plan()

    def do_undo(self) -> None:
        from triage.services.publish import undo

        if self.sent is None:
            return
        workspace, publication = self.triage.workspace, self.sent
        self._job = self.triage.jobs.start(
            self, "undo", f"taking back {publication.branch}", lambda: undo(workspace, publication.id)
        )
        self._tell(f"taking back {publication.branch}")

    def do_open_link(self) -> None:
        self.triage.open_link(self.draft.issue_id)

    def do_copy(self) -> None:
        if self.sent is not None:
            self.triage.copy(self.sent.url or self.sent.branch, "the link")

    def do_copy_full(self) -> None:
        if self.sent is not None and self.sent.text:
            self.triage.copy(self.sent.text, "the request")
        else:
            self.triage.copy("\n".join(item.text for item in self.view.lines), "what is sent")
