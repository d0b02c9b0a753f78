"""Review: drafts ranked by evidence, the chosen one beside what it can be compared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on

from triage import paths
from triage.tui import background
from triage.tui.actions import SCREEN_SCOPES, bindings
from triage.tui.jobs import Job
from triage.tui.messages import IssuesChanged, JobCancelled, JobFailed, JobFinished, JobProgressed
from triage.tui.screens.review_panels import EVIDENCE_FROM, ReviewPanels
from triage.tui.widgets.compare_view import Layout, Pane
from triage.tui.widgets.cursor_view import CursorView

if TYPE_CHECKING:
    from triage.domain.case import Case
    from triage.services.sides import SideText
    from triage.services.steps import Drafted


class ReviewScreen(ReviewPanels):
    """The drafts of one issue. With `strategy` ("replay", "claude") it first makes one."""

    BINDINGS: ClassVar = bindings(*SCREEN_SCOPES["review"])
    CSS_PATH: ClassVar = paths.styles_dir() / "review.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#drafts"

    def on_mount(self) -> None:
        self.drafts.border_title = "Drafts, best evidence first"
        self.work.display = False
        self.triage.hold(self)
        self._load()
        if (job := background.running(self, "draft", self._label("replay"))) is not None:
            self._begin(job)
        elif self._wanted == "claude":
            self.call_after_refresh(self._ask_claude)
        elif self._wanted:
            self.do_draft()
        self._show_drafts()

    # -- jobs

    def on_job_progressed(self, message: JobProgressed) -> None:
        from triage.services.steps import Delta

        if message.job is not self._work:
            return
        if any(isinstance(item, Delta) for item in message.items):
            self._written += "".join(item.text for item in message.items if isinstance(item, Delta))
            self._show_drafts()
            self.compare.show_pair(Pane("being written", self._written), None, keep=True)
            self.compare.do_bottom()
            self.heading.refresh()
        self.work.add(message.items)

    def on_job_finished(self, message: JobFinished) -> None:
        from triage.services.steps import Drafted, Verified

        kind, result = message.job.kind, message.result
        if kind == "case":
            self._show_case(cast("Case", result))
        elif kind == "sides":
            self.sides = cast("Sequence[SideText]", result)
            self._show_draft()
            self.call_after_refresh(self.call_after_refresh, self.triage.let_go, self)
        elif isinstance(result, Drafted):
            self._ended()
            self._drafted(result)
        elif isinstance(result, Verified):
            self._ended()
            self.say(f"draft {result.draft.id}: {result.evidence.line}")
            if self._to_run:
                self._run_next()
            else:
                self.work.display = False
        self.retell()

    def on_job_failed(self, message: JobFailed) -> None:
        self._read.set()
        self.fail(message.error)
        if message.job is self._work:
            self._to_run.clear()
            self.work.tell(str(message.error), "bad")
            self._ended()

    def on_job_cancelled(self, message: JobCancelled) -> None:
        if message.job is self._work:
            self._to_run.clear()
            self.work.tell("stopped; nothing that was found is lost", "warn")
            self.say(f"{message.job.label}: stopped")
            self._ended()

    def _begin(self, job: Job) -> None:
        self._work = job
        self.work.display = True
        self.work.begin(job)
        self.work.add(tuple(job.said))  # it may have begun on another screen
        self._show_drafts()

    def _ended(self) -> None:
        self._written = ""
        self.work.ended()
        self._show_drafts()
        self._show_draft(keep=True)
        self.retell()

    def _drafted(self, result: Drafted) -> None:
        if result.draft is None:
            by_claude = self._work is not None and self._work.label == self._label("claude")
            self.work.tell(f"no draft: {result.why}", "warn")
            nexts = "D asks again, d drafts by replay" if by_claude else "D drafts with Claude, with what you know"
            self.work.tell(f"next: {nexts}", "text")
            self.say(f"no draft: {result.why}", warning=True)
        else:
            self._shown = result.draft.id
            self._left, self._right = 0, 1
            self.sides = ()
            self.work.display = False
            if self.size.height < EVIDENCE_FROM:  # else it stands above, with what to do next
                self.say(f"draft {result.draft.id}: {result.evidence.line if result.evidence else ''}")

    # -- drafting

    def _label(self, strategy: str) -> str:
        return f"Claude drafts T-{self.issue_id}" if strategy == "claude" else f"drafting T-{self.issue_id}"

    def do_draft(self) -> None:
        from triage.services.drafts import draft_by_replay

        workspace, issue, fix = self.triage.workspace, self.issue_id, self.triage.fixes.get(self.issue_id)
        self._begin(
            background.start(
                self, "draft", self._label("replay"), issue, lambda: draft_by_replay(workspace, issue, fix)
            )
        )

    def do_draft_instructed(self) -> None:
        self._ask_claude()

    def do_more(self) -> None:
        self._ask_claude(self.draft.id if self.draft else None)

    def _ask_claude(self, parent: int | None = None) -> None:
        from triage.tui.screens.prompt import PromptScreen

        self.app.push_screen(
            PromptScreen(self.issue_id, parent), lambda instruction: self._draft_by_claude(instruction, parent)
        )

    def _draft_by_claude(self, instruction: str | None, parent: int | None) -> None:
        from triage.services.claude import draft_by_claude

        if instruction is None:
            self.say("nothing was sent")
            return
        workspace, issue, fix = self.triage.workspace, self.issue_id, self.triage.fixes.get(self.issue_id)
        self._written = ""
        self._begin(
            background.start(
                self,
                "draft",
                self._label("claude"),
                issue,
                lambda: draft_by_claude(workspace, issue, instruction, parent, fix),
            )
        )

    # -- choosing

    @on(CursorView.Moved, "#drafts")
    def _moved(self) -> None:
        key = self.drafts.key
        if isinstance(key, int) and key != self._shown:
            self._shown = key
            self.sides = ()
            self._left, self._right = 0, 1
            self._show_draft()
            self._show_evidence()
            self.retell()

    @on(CursorView.Opened)
    def _opened(self) -> None:
        self.press("review.take")

    def do_next(self) -> None:
        self.drafts.do_down()

    def do_previous(self) -> None:
        self.drafts.do_up()

    def do_layout(self) -> None:
        layouts = list(Layout)
        now = self.compare.layout_shown
        following = layouts[(layouts.index(now) + 1) % len(layouts)]
        if following is Layout.SPLIT and self.compare.size.width < 100:
            following = Layout.STACKED
        self.compare.lay_out(following)
        self.heading.refresh()
        self.say(f"{following}" if self.compare.right else "there is nothing beside it yet")

    def do_against(self) -> None:
        self._choose_side("right")

    def do_own(self) -> None:
        self._choose_side("left")

    def _choose_side(self, side: str) -> None:
        from triage.tui.screens.beside import BesideScreen

        draft = self.draft
        if draft is None or not self.sides:
            self.say("there is nothing to compare with yet", warning=True)
            return
        before = self._left, self._right
        now, other = before if side == "left" else (before[1], before[0])

        def show(place: int) -> None:
            self._left, self._right = (place, other) if side == "left" else (other, place)
            self._show_draft()

        def chosen(place: int | None) -> None:
            show(now if place is None else place)
            if place is not None and self.compare.right is not None:
                self.say(f"{self.compare.left.title} against {self.compare.right.title}")

        self.app.push_screen(BesideScreen(side, self.texts(draft), now, other, show), chosen)

    def do_swap(self) -> None:
        self._left, self._right = self._right, self._left
        self._show_draft()

    def do_strategies(self) -> None:
        from triage.domain.ranking import contenders
        from triage.tui.screens.strategies import StrategiesScreen

        if self.case is not None and self.order:
            self.app.push_screen(StrategiesScreen(contenders(self.order, self.case.evidence)), self._go_to)

    def _go_to(self, draft_id: int | None) -> None:
        if draft_id is not None and draft_id != self._shown:
            self.drafts.show(self.drafts.lines, at=draft_id)
            self._moved()

    def do_take(self) -> None:
        from triage.tui.screens.edit import EditScreen

        if draft := self.draft:
            self.app.push_screen(EditScreen(draft))

    def do_discard(self) -> None:
        from triage.services.drafts import discard

        if draft := self.draft:
            self.say(f"{discard(self.triage.workspace, draft.id)}; z brings it back")
            self.triage.post_message(IssuesChanged((self.issue_id,)))

    def do_undo(self) -> None:
        from triage.services import tend

        said = tend.undo(self.triage.workspace)
        self.say(f"undone: {said}" if said else "nothing to undo", warning=said is None)
        self.triage.post_message(IssuesChanged((self.issue_id,)))

    def do_fix(self) -> None:
        from triage.tui.fix_choice import choose_fix

        choose_fix(self, self.issue_id, self._fix_chosen)

    def _fix_chosen(self, fix: str) -> None:
        self.say(f"the fix is {fix}: r runs this draft before it and on it" if fix else "no fix: runs are before it")
        self.sides = ()
        self._show_draft()
        self.retell()

    # -- running and sending

    def do_run(self) -> None:
        from triage.tui.screens.run import RunScreen

        if draft := self.draft:
            self.app.push_screen(RunScreen(draft))

    def do_run_all(self) -> None:
        self._to_run = [draft.id for draft in self.order]
        self._run_next()

    def _run_next(self) -> None:
        from triage.services.verify import verify

        draft_id = self._to_run.pop(0)
        workspace, fix = self.triage.workspace, self.triage.fixes.get(self.issue_id)
        self._begin(
            background.start(
                self,
                "verify",
                f"running draft {draft_id}",
                self.issue_id,
                lambda: verify(workspace, draft_id, fix, stable=True),
            )
        )

    def do_stop(self) -> None:
        self._to_run.clear()
        if self._work is not None:
            self.triage.jobs.cancel(self._work)

    def do_publish_pull(self) -> None:
        self._publish(pull_request=True)

    def do_publish_branch(self) -> None:
        self._publish(pull_request=False)

    def _publish(self, pull_request: bool) -> None:
        from triage.tui.screens.publish import PublishScreen

        if draft := self.draft:
            self.app.push_screen(PublishScreen(draft, pull_request))

    def do_unpublish(self) -> None:
        from triage.tui.screens.publish import PublishScreen

        standing = [item for item in self.case.publications if not item.undone] if self.case else []
        if standing:
            draft = self.triage.workspace.store.draft(standing[-1].draft_id)
            self.app.push_screen(PublishScreen(draft, False, undo=standing[-1]))

    def do_copy(self) -> None:
        if draft := self.draft:
            self.triage.copy(draft.node_id, "the test's node id")

    def do_copy_full(self) -> None:
        if draft := self.draft:
            self.triage.copy(draft.source, "the test")

    def do_open_link(self) -> None:
        self.triage.open_link(self.issue_id)
