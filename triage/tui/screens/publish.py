"""Publish: what exactly will be sent, then what was sent; u takes it back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.containers import Vertical
from textual.widget import Widget

from triage import paths
from triage.tui import background
from triage.tui.actions import SCREEN_SCOPES, Context, bindings
from triage.tui.glyphs import GLYPHS
from triage.tui.jobs import Job
from triage.tui.messages import JobCancelled, JobFailed, JobFinished, JobProgressed
from triage.tui.python_ink import plain_source, wrapped
from triage.tui.repeats import Repeats
from triage.tui.screens.base import TriageScreen
from triage.tui.text import Clean, clean, clean_lines, wrap
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
        self.repeats = Repeats()
        self.view = LineView(id="plan")
        self.progress = LineView(id="progress")
        self.progress.can_focus = False

    def body(self) -> Iterable[Widget]:
        yield Vertical(self.progress, self.view, id="publish")

    def on_mount(self) -> None:
        self.view.border_title = "What will be sent"
        self.progress.border_title = "Progress"
        # The key that opened this may still be held.
        self.repeats.arm("publish.pull", "publish.branch", "publish.undo", "publish.accept")
        if self._undo_first:
            self.do_undo()
        else:
            self._plan()

    def do_refresh(self) -> None:
        self._show_plan()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_plan)
        self.call_after_refresh(self._show_progress)

    def panels(self) -> list[Widget]:
        return [self.view]

    async def action_do(self, name: str) -> None:
        if name.startswith("publish.") and name != "publish.stop" and self.repeats.held(name):
            return  # a key that is held down sends nothing
        await super().action_do(name)

    @property
    def running(self) -> bool:
        """Whether something is under way."""
        return self._job is not None and self._job.running

    def context(self) -> Context:
        standing = self.sent is not None and not self.sent.undone
        reason = "wait until it is done" if self.running else None
        return Context(
            issues=1,
            draft=not self.running,
            evidence=reason,
            running=self.running,
            waiting=self.waiting,
            published=standing,
            has_link=bool(standing and self.sent and self.sent.url),
        )

    @property
    def waiting(self) -> bool:
        """Whether it stands still until somebody agrees."""
        return not self.running and self.sent is None and self.plan is not None and bool(self.plan.blockers)

    def standing(self) -> tuple[Sequence[Run], Sequence[Run]]:
        what = "pull request" if self.pull_request else "branch"
        left: list[Run] = [
            (clean(f"publish {what} "), "strong"),
            (clean(f"T-{self.draft.issue_id} "), "key"),
            (clean(f"draft {self.draft.id}, {self.draft.test_name}"), "text"),
        ]
        if self.running:
            return left, [(Clean("working "), "accent")]
        if self.sent is not None:
            return left, [(Clean("undone "), "warn") if self.sent.undone else (Clean("sent "), "good")]
        return left, [(Clean("nothing sent yet "), "warn" if self.waiting else "dim")]

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

        workspace, draft, pull = self.triage.workspace, self.draft, self.pull_request
        fix = self.triage.fixes.get(draft.issue_id)
        self._job = background.start(
            self,
            "publish",
            f"publishing draft {draft.id}",
            draft.issue_id,
            lambda: publish(workspace, draft.id, pull, accept, fix),
        )
        self.retell()

    def on_job_progressed(self, message: JobProgressed) -> None:
        from triage.services.steps import Output, Step

        for item in message.items:
            if isinstance(item, Step):
                self._tell(item.text)
            elif isinstance(item, Output):
                self._tell(f"  {item.text}", "dim")

    def on_job_finished(self, message: JobFinished) -> None:
        from triage.services.steps import Published, Undone

        result = message.result
        if message.job.kind == "plan":
            self.plan = cast("PublicationPlan", result)
            self._show_plan()
            self.view.scroll_to(y=0, animate=False, force=True)
            if self.plan.blockers:
                self.repeats.arm("publish.accept")
                for blocker in self.plan.blockers:
                    self._tell(f"{GLYPHS.warning} {blocker}", "warn")
                self._steps.append(
                    line(
                        *(
                            (Clean(" nothing is sent: "), "text"),
                            (Clean("y"), "key"),
                            (Clean(" sends it all the same, "), "text"),
                        ),
                        *((Clean("esc"), "key"), (Clean(" leaves it"), "text")),
                    )
                )
                self._show_progress()
            else:
                self._send()
        elif isinstance(result, Published):
            self._published(result.publication, result.existed)
        elif isinstance(result, Undone):
            self.sent = result.publication
            self._tell(f"undone: {result.publication.branch} is gone", "good")
            self.view.border_title = "What had been sent"
            self.say(f"undone: {result.publication.branch}. P sends it again, esc leaves")
        self.retell()

    def on_job_failed(self, message: JobFailed) -> None:
        self._tell(f"{GLYPHS.no} {message.error}", "bad")
        self.fail(message.error)
        self.retell()

    def on_job_cancelled(self, message: JobCancelled) -> None:
        self._tell("stopped; P or p goes on where it is", "warn")
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
        self.say(f"{name} is there: o opens it, Y copies the link, u undoes it, esc goes on")

    def _tell(self, text: str, ink: str = "text") -> None:
        for place, piece in enumerate(wrap(clean(text), max(20, self.size.width - 4), 4)):
            self._steps.append(line((clean(f" {'  ' if place else ''}{piece}"), ink)))
        self._show_progress()

    def _show_progress(self) -> None:
        self.progress.show(self._steps)
        most = 9 if self.size.height >= 24 else 5
        self.progress.styles.height = max(1, min(len(self._steps), most)) + 1
        self.progress.call_after_refresh(self.progress.do_bottom)

    def _show_plan(self) -> None:
        if self.plan is not None:
            self.view.show(self._plan_lines(self.plan))

    def _plan_lines(self, plan: PublicationPlan) -> list[Line]:
        made = [
            line((Clean(" branch  "), "dim"), (clean(plan.branch), "key")),
            line((Clean(" remote  "), "dim"), (clean(plan.remote), "text")),
            line((Clean(" base    "), "dim"), (clean(f"{plan.base} ({plan.forge})"), "text")),
        ]
        cells = max(20, self.view.scrollable_content_region.width - 1)
        for caution in plan.cautions:
            for place, piece in enumerate(wrap(clean(caution), cells - 9, 4)):
                made.append(line((Clean("         " if place else " note    "), "dim"), (piece, "warn")))
        made.append(BLANK)
        if self.pull_request:
            made.append(line((Clean(" Pull request"), "head-sorted")))
            made += [line((Clean(" "), "text"), (piece, "strong")) for piece in wrap(clean(plan.title), cells)]
            made.append(BLANK)
            for piece in clean_lines(plan.body):
                made += [line((Clean(" "), "text"), *part) for part in wrapped(((piece, "text"),), cells)]
            made.append(BLANK)
        made.append(line((Clean(" Commit"), "head-sorted")))
        for piece in clean_lines(plan.commit_message):
            made += [line((Clean(" "), "text"), *part) for part in wrapped(((piece, "text"),), cells)]
        made += [BLANK, line((Clean(" Change"), "head-sorted"))]
        for row in plain_source(plan.diff).split("\n"):
            piece = clean(row)
            ground = {"+": "added", "-": "removed"}.get(piece[:1], "")
            ink = "dim" if piece.startswith(("diff ", "index ", "--- ", "+++ ", "@@", "new file")) else "text"
            for part in wrapped(((piece, ink),), cells):
                made.append(line((Clean(" "), "text"), *part, ground="" if ink == "dim" else ground))
        return made

    # -- actions

    def do_accept(self) -> None:
        self._send(accept=True)

    def do_stop(self) -> None:
        if self._job is not None:
            self.triage.jobs.cancel(self._job)

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

        if self.sent is None or self.running:
            return
        workspace, publication = self.triage.workspace, self.sent
        label = f"taking back {publication.branch}"
        self._tell(label)
        self._job = background.start(self, "undo", label, self.draft.issue_id, lambda: undo(workspace, publication.id))
        self.retell()

    def do_open_link(self) -> None:
        self.triage.open_link(self.draft.issue_id)

    def do_copy(self) -> None:
        self.do_copy_full()

    def do_copy_full(self) -> None:
        if self.sent is not None and not self.sent.undone:
            self.triage.copy(self.sent.url or self.sent.text or self.sent.branch, "the link")
        else:
            self.triage.copy("\n".join(item.text for item in self.view.lines), "what would be sent")
