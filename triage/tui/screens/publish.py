"""Publish: what exactly will be sent, then what was sent; u takes it back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.containers import Vertical
from textual.widget import Widget

from triage import paths
from triage.errors import TriageError
from triage.tui import background
from triage.tui.actions import SCREEN_SCOPES, bindings
from triage.tui.glyphs import GLYPHS
from triage.tui.jobs import Job
from triage.tui.messages import JobCancelled, JobFailed, JobFinished, JobProgressed
from triage.tui.publish_lines import plan_lines, standing_lines
from triage.tui.reasons import Context
from triage.tui.repeats import Repeats
from triage.tui.screens.base import TriageScreen
from triage.tui.text import Clean, clean, clean_lines
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import LineView, line
from triage.tui.widgets.work_view import WorkView

if TYPE_CHECKING:
    from textual.timer import Timer

    from triage.domain.draft import Draft
    from triage.domain.publication import Publication
    from triage.services.steps import PublicationPlan


FIRST_LOOK = 2.0
"""Seconds after which a new pull request is looked at first: by then the forge knows its checks."""


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
        self._earlier: Publication | None = None  # stands until another press has sent something
        self._undo_first = undo is not None
        self._job: Job | None = None
        self._again: Timer | None = None
        self._pause = 0.0
        self._standing_trouble = ""
        self.repeats = Repeats()
        self.view = LineView(id="plan")
        self.progress = WorkView("Progress", id="progress")
        self.progress.can_focus = False

    def body(self) -> Iterable[Widget]:
        yield Vertical(self.progress, self.view, id="publish")

    def on_mount(self) -> None:
        self.view.border_title = "What will be sent"
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
        self.progress.goes_on(self._job)
        self._tell(f"asking {workspace.config.forge.remote} what is there, working out what would be sent")

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
        self.progress.goes_on(self._job)
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

        self.progress.ended()
        result = message.result
        if message.job.kind == "plan":
            self.plan = cast("PublicationPlan", result)
            self._show_plan()
            self.view.scroll_to(y=0, animate=False, force=True)
            if self.plan.blockers:
                self.repeats.arm("publish.accept")
                for blocker in self.plan.blockers:
                    self._tell(f"{GLYPHS.warning} {blocker}", "warn")
                all_the_same = (Clean("y"), "key"), (Clean(" sends it all the same, "), "text")
                leave = (Clean("esc"), "key"), (Clean(" leaves it"), "text")
                self.progress.put(line((Clean(" nothing is sent: "), "text"), *all_the_same, *leave))
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
        self.progress.ended()
        self.sent = self.sent or self._earlier
        self._tell(f"{GLYPHS.no} {message.error}", "bad")
        self.fail(message.error)
        self.retell()

    def on_job_cancelled(self, message: JobCancelled) -> None:
        self.progress.ended()
        self.sent = self.sent or self._earlier
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
                self.progress.put(line((piece, "text")))
            self._tell("no forge we know: open the request with the text above (Y copies it)")
        short = name if publication.number else "the branch"
        self.say(f"{short} is there: o opens it, Y copies the link, u undoes it, esc goes on")
        if publication.number is not None and self.triage.workspace.config.forge.follow:
            self._follow_soon(FIRST_LOOK)

    def _tell(self, text: str, ink: str = "text") -> None:
        self.progress.tell(text, ink)
        self._show_progress()

    def _show_progress(self) -> None:
        most = 9 if self.size.height >= 24 else 5
        self.progress.styles.height = max(1, min(self.progress.row_count(), most)) + 1
        self.progress.call_after_refresh(self.progress.do_bottom)

    def _show_plan(self) -> None:
        if self.plan is not None:
            standing = standing_lines(self.sent, self._standing_trouble, max(20, self.size.width - 4))
            cells = max(20, self.view.scrollable_content_region.width - 1)
            self.view.show([*standing, *plan_lines(self.plan, cells, self.pull_request)])

    # -- what becomes of it

    def _follow_soon(self, seconds: float) -> None:
        if self._again is not None:
            self._again.stop()
        self._again = self.set_timer(seconds, lambda: self.soon(self._look))

    async def _look(self) -> None:
        """Ask how the pull request stands, show it, and ask again later."""
        from triage.services.follow import FIRST_PAUSE, next_pause

        sent = self.sent
        if sent is None or sent.undone or sent.number is None:
            return
        try:
            looked = await self.triage.follower.look([sent])
        except TriageError as error:
            self._pause = next_pause(self._pause, ())
            self._standing_trouble = str(error)
        else:
            self._standing_trouble = ""
            for item in looked:
                if self.sent is sent:
                    self.sent = item.publication
                for news in item.news:
                    self._tell(news, "accent")
                self._pause = next_pause(self._pause or FIRST_PAUSE, item.news)
        self._show_plan()
        self.retell()
        if self.sent is not None and not (self.sent.following and self.sent.following.settled):
            self._follow_soon(self._pause)

    def do_accept(self) -> None:
        self._send(accept=True)

    def do_stop(self) -> None:
        if self._job is not None:
            self.triage.jobs.cancel(self._job)

    def do_pull(self) -> None:
        self._once_more(True)

    def do_branch(self) -> None:
        self._once_more(False)

    def _once_more(self, pull_request: bool) -> None:
        self.pull_request = pull_request
        self._earlier, self.sent = self.sent or self._earlier, None
        self.app.clear_notifications()
        self._plan()

    def do_undo(self) -> None:
        from triage.services.publish import undo

        if self.sent is None or self.running:
            return
        workspace, publication = self.triage.workspace, self.sent
        label = f"taking back {publication.branch}"
        self._tell(label)
        self._job = background.start(self, "undo", label, self.draft.issue_id, lambda: undo(workspace, publication.id))
        self.progress.goes_on(self._job)
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
