"""Review: drafts ranked by evidence, the chosen one beside what it can be compared with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Vertical
from textual.widget import Widget

from triage import paths
from triage.domain.ranking import ranked, unproven
from triage.tui.actions import SCREEN_SCOPES, Context, bindings
from triage.tui.draft_lines import draft_line, evidence_runs
from triage.tui.jobs import Job
from triage.tui.messages import IssuesChanged, JobCancelled, JobFailed, JobFinished, JobProgressed
from triage.tui.screens.base import TriageScreen
from triage.tui.text import Clean, clean
from triage.tui.widgets.compare_view import CompareHeading, CompareView, Layout, Pane
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import Line, LineView, line

if TYPE_CHECKING:
    from triage.domain.case import Case
    from triage.domain.draft import Draft
    from triage.services.sides import SideText

MOST_STEPS = 500


class ReviewScreen(TriageScreen):
    """The drafts of one issue. With `strategy` ("replay", "claude") it first makes one."""

    SCOPE = "review"
    BINDINGS: ClassVar = bindings(*SCREEN_SCOPES["review"])
    CSS_PATH: ClassVar = paths.styles_dir() / "review.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#drafts"

    def __init__(self, issue_id: int, strategy: str | None = None, draft_id: int | None = None) -> None:
        super().__init__()
        self.issue_id = issue_id
        self.case: Case | None = None
        self.order: list[Draft] = []
        self.sides: Sequence[SideText] = ()
        self.side = 0
        self._wanted = strategy
        self._shown: int | None = draft_id
        self._steps: list[Line] = []
        self._written = ""
        self._drafting: Job | None = None
        self._to_run: list[int] = []
        self._verifying: Job | None = None
        self._discarded: list[int] = []
        self.drafts = LineView(id="drafts", cursor=True)
        self.work = LineView(id="work")
        self.compare = CompareView(id="compare")
        self.heading = CompareHeading(self.compare)

    def body(self) -> Iterable[Widget]:
        yield Vertical(self.drafts, self.work, self.heading, self.compare, id="review")

    def on_mount(self) -> None:
        self.drafts.border_title = "Drafts, best evidence first"
        self.work.border_title = "Work"
        self.work.display = False
        super().on_mount()
        self._load()
        if self._wanted == "claude":
            self.call_after_refresh(self._ask_claude)
        elif self._wanted:
            self._draft_by_replay()

    # -- what it says

    @property
    def draft(self) -> Draft | None:
        """The draft under the cursor."""
        return next((draft for draft in self.order if draft.id == self._shown), None)

    def context(self) -> Context:
        from triage.services.drafts import claude_unavailable

        draft, case = self.draft, self.case
        evidence = case.evidence.get(draft.id) if case and draft else None
        published = bool(case and [item for item in case.publications if not item.undone])
        return Context(
            issues=1,
            draft=draft is not None,
            drafts=len(self.order),
            evidence=unproven(evidence) if draft else None,
            claude=claude_unavailable(self.triage.workspace),
            running=self._verifying is not None and self._verifying.running,
            published=published,
            has_link=bool(case and any(item.url and not item.undone for item in case.publications)),
            case_loaded=case is not None,
        )

    def standing(self) -> tuple[Sequence[Run], Sequence[Run]]:
        title = self.case.issue.title if self.case else ""
        left = [(Clean("review "), "strong"), (clean(f"T-{self.issue_id} "), "key"), (clean(title, 300), "text")]
        draft = self.draft
        right = evidence_runs(self.case.evidence.get(draft.id)) if self.case and draft else []
        return left, right

    # -- loading

    def _load(self) -> None:
        from triage.services.inspect import load_case

        workspace = self.triage.workspace
        self.triage.jobs.start(self, "case", "reading the drafts", lambda: load_case(workspace, self.issue_id))

    def _show_case(self, case: Case) -> None:
        self.case = case
        self.order = ranked(case.drafts, case.evidence)
        if self.draft is None and self.order:
            self._shown = self.order[0].id
        self._show_drafts()
        self._show_draft()
        self.retell()

    def _show_drafts(self) -> None:
        wide = self.size.width >= 130
        if self.order and self.case:
            lines = [draft_line(draft, self.case.evidence.get(draft.id), wide) for draft in self.order]
        elif self._drafting is not None and self._drafting.running:
            lines = [line((Clean(" drafting a test that fails as production did ..."), "dim"))]
        else:
            lines = [
                line((Clean(" no draft yet: "), "dim"), (Clean("d"), "key"), (Clean(" on the issue makes one"), "dim"))
            ]
        self.drafts.show(lines, at=self._shown)
        self.drafts.styles.height = min(max(len(lines), 1), 6) + 2

    def _show_draft(self, keep: bool = False) -> None:
        draft = self.draft
        if draft is None:
            return
        akin = bool(self.sides) and self.sides[self.side % len(self.sides)].akin
        left = Pane(f"draft {draft.id}  {draft.node_id}", draft.source, akin=akin)
        self.compare.show_pair(left, self._right(), keep=keep)
        self.heading.refresh()
        if not keep:
            self._load_sides(draft)

    def _right(self) -> Pane | None:
        if not self.sides:
            return None
        side = self.sides[self.side % len(self.sides)]
        return Pane(side.title, side.text, side.akin, side.marked)

    def _load_sides(self, draft: Draft) -> None:
        from triage.services.sides import sides

        workspace, case = self.triage.workspace, self.case
        if case is not None:
            self.triage.jobs.start(
                self, "sides", "looking for what to compare with", lambda: sides(workspace, case, draft)
            )

    # -- jobs

    def on_job_progressed(self, message: JobProgressed) -> None:
        from triage.services.steps import Delta, Output, Step

        for item in message.items:
            if isinstance(item, Delta):
                self._written += item.text
            elif isinstance(item, Step):
                counted = f" ({item.done}/{item.total})" if item.total else ""
                self._steps.append(line((clean(f" {item.text}{counted}"), "text")))
            elif isinstance(item, Output):
                self._steps.append(line((clean(f"   {item.text}", 1000), "dim")))
        if self._written and self._drafting is message.job:
            self.compare.show_pair(Pane("being written", self._written), None, keep=True)
            self.compare.do_bottom()
            self.heading.refresh()
        if message.job.kind in ("draft", "verify"):
            self._show_work()

    def on_job_finished(self, message: JobFinished) -> None:
        from triage.services.steps import Drafted, Verified

        kind, result = message.job.kind, message.result
        if kind == "case":
            self._show_case(result)  # type: ignore[arg-type]  # the job's service returns a Case
        elif kind == "sides":
            self.sides = result  # type: ignore[assignment]  # the job's service returns a list of sides
            self.side = 0
            self._show_draft(keep=True)
            if self.compare.right is not None:
                self.compare.call_after_refresh(self.compare._show_marked)
        elif isinstance(result, Drafted):
            self._drafted(result)
        elif isinstance(result, Verified):
            self._verified(result.draft.id)
        self.retell()

    def on_job_failed(self, message: JobFailed) -> None:
        self._to_run.clear()
        self.fail(message.error)
        if message.job.kind in ("draft", "verify"):
            self._steps.append(line((clean(f" {message.error}"), "bad")))
            self._show_work()
        self._show_drafts()

    def on_job_cancelled(self, message: JobCancelled) -> None:
        self._to_run.clear()
        if message.job.kind in ("draft", "verify"):
            self.say(f"{message.job.label}: stopped")
            self._show_drafts()

    def _drafted(self, result: object) -> None:
        from triage.services.steps import Drafted

        assert isinstance(result, Drafted)
        self._written = ""
        if result.draft is None:
            self._steps.append(line((clean(f" nothing reproduces it: {result.why}"), "warn")))
            self._steps.append(
                line(
                    (Clean(" next: "), "dim"),
                    (Clean("D"), "key"),
                    (Clean(" drafts with Claude, with what you know"), "dim"),
                )
            )
            self._show_work()
            self.say(f"no draft: {result.why}", warning=True)
        else:
            self._shown = result.draft.id
            self.work.display = False
            self.say(f"draft {result.draft.id}: {result.evidence.line if result.evidence else ''}")
        self.app.post_message(IssuesChanged((self.issue_id,)))
        self._load()

    def _verified(self, draft_id: int) -> None:
        assert self.case is not None
        self.say(f"draft {draft_id}: {self.triage.workspace.store.evidence(draft_id).line}")
        if self._to_run:
            self._run_next()
        else:
            self.work.display = False
            self.app.post_message(IssuesChanged((self.issue_id,)))
        self._load()

    def _show_work(self) -> None:
        self.work.display = True
        del self._steps[:-MOST_STEPS]
        self.work.show(self._steps)
        self.work.do_bottom()

    # -- drafting

    def _draft_by_replay(self) -> None:
        from triage.services.drafts import draft_by_replay

        workspace = self.triage.workspace
        self._steps.clear()
        self._drafting = self.triage.jobs.start(
            self, "draft", f"drafting T-{self.issue_id}", lambda: draft_by_replay(workspace, self.issue_id)
        )

    def _ask_claude(self) -> None:
        from triage.tui.screens.prompt import PromptScreen

        parent = self.draft.id if self.draft else None
        self.app.push_screen(PromptScreen(self.issue_id, parent), self._draft_by_claude)

    def _draft_by_claude(self, instruction: str | None) -> None:
        from triage.services.claude import draft_by_claude

        if instruction is None:
            self.say("nothing was sent")
            return
        workspace = self.triage.workspace
        parent = self.draft.id if self.draft else None
        self._steps.clear()
        self._written = ""
        self._drafting = self.triage.jobs.start(
            self,
            "draft",
            f"Claude drafts T-{self.issue_id}",
            lambda: draft_by_claude(workspace, self.issue_id, instruction, parent),
        )

    def do_more(self) -> None:
        self._ask_claude()

    # -- choosing

    @on(CursorView.Moved, "#drafts")
    def _moved(self, message: CursorView.Moved) -> None:
        key = self.drafts.key
        if isinstance(key, int) and key != self._shown:
            self._shown = key
            self.sides = ()
            self._show_draft()
            self.retell()

    @on(CursorView.Opened)
    def _opened(self, message: CursorView.Opened) -> None:
        self.press("review.take")

    def do_next(self) -> None:
        self.drafts.do_down()

    def do_previous(self) -> None:
        self.drafts.do_up()

    def do_layout(self) -> None:
        layouts = list(Layout)
        following = layouts[(layouts.index(self.compare.layout_wanted) + 1) % len(layouts)]
        self.compare.lay_out(following)
        self.heading.refresh()
        shown = self.compare.layout_shown
        narrow = "" if shown is following else f" ({shown} here: the terminal is narrow)"
        self.say(f"{following}{narrow}")

    def do_against(self) -> None:
        if not self.sides:
            self.say("there is nothing to compare with yet", warning=True)
            return
        self.side = (self.side + 1) % len(self.sides)
        self._show_draft(keep=True)
        self.say(f"against {self.sides[self.side].title}")

    def do_take(self) -> None:
        from triage.tui.screens.edit import EditScreen

        if draft := self.draft:
            self.app.push_screen(EditScreen(draft))

    def do_discard(self) -> None:
        from triage.services.drafts import discard

        if draft := self.draft:
            self.say(f"{discard(self.triage.workspace, draft.id)}; z brings it back")
            self._shown = None
            self._load()

    def do_undo(self) -> None:
        from triage.services import tend

        said = tend.undo(self.triage.workspace)
        self.say(f"undone: {said}" if said else "nothing to undo", warning=said is None)
        self._load()

    # -- running and sending

    def do_run(self) -> None:
        from triage.tui.screens.run import RunScreen

        if draft := self.draft:
            self.app.push_screen(RunScreen(draft))

    def do_run_all(self) -> None:
        self._to_run = [draft.id for draft in self.order]
        self._steps.clear()
        self._run_next()

    def _run_next(self) -> None:
        from triage.services.verify import verify

        draft_id = self._to_run.pop(0)
        workspace = self.triage.workspace
        self._verifying = self.triage.jobs.start(
            self, "verify", f"running draft {draft_id}", lambda: verify(workspace, draft_id, stable=True)
        )

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

        if self.case is None or self.draft is None:
            return
        standing = [item for item in self.case.publications if not item.undone]
        if standing:
            self.app.push_screen(PublishScreen(self.draft, False, undo=standing[-1]))

    def do_copy(self) -> None:
        if draft := self.draft:
            self.triage.copy(draft.node_id, "the test's node id")

    def do_copy_full(self) -> None:
        if draft := self.draft:
            self.triage.copy(draft.source, "the test")

    def do_open_link(self) -> None:
        self.triage.open_link(self.issue_id)

    def do_refresh(self) -> None:
        self._load()

    def do_back(self) -> None:
        if self._drafting is not None and self._drafting.running:
            self.triage.jobs.cancel(self._drafting)
        super().do_back()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.case is not None:
            self._load()

    def on_issues_changed(self, message: IssuesChanged) -> None:
        message.stop()
