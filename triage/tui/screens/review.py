"""Review: drafts ranked by evidence, the chosen one beside what it can be compared with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.containers import Vertical
from textual.widget import Widget

from triage import paths
from triage.domain.ranking import ranked
from triage.tui import background
from triage.tui.actions import SCREEN_SCOPES, Context, bindings
from triage.tui.draft_lines import draft_line, evidence_runs, result_lines, untried_line
from triage.tui.jobs import Job
from triage.tui.messages import IssuesChanged, JobCancelled, JobFailed, JobFinished, JobProgressed
from triage.tui.screens.base import TriageScreen
from triage.tui.text import Clean, clean
from triage.tui.widgets.compare_view import CompareHeading, CompareView, Layout, Pane
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import Line, LineView, line
from triage.tui.widgets.work_view import WorkView

if TYPE_CHECKING:
    from triage.domain.case import Case
    from triage.domain.draft import Draft
    from triage.services.sides import SideText
    from triage.services.steps import Drafted

MOST_DRAFTS = 6


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
        self._wanted = strategy
        self._shown: int | None = draft_id
        self._sides_of: object = None
        self._right = 0
        self._left = 0  # 0: the draft itself, else one of the sides
        self._written = ""
        self._work: Job | None = None
        self._to_run: list[int] = []
        self._resumed = False
        self.drafts = LineView(id="drafts", cursor=True)
        self.evidence = LineView(id="evidence")
        self.evidence.can_focus = False
        self.work = WorkView("Work", id="work")
        self.compare = CompareView(id="compare")
        self.heading = CompareHeading(self.compare)

    def body(self) -> Iterable[Widget]:
        yield Vertical(self.drafts, self.evidence, self.work, self.heading, self.compare, id="review")

    def on_mount(self) -> None:
        self.drafts.border_title = "Drafts, best evidence first"
        self.work.display = False
        super().on_mount()
        self._load()
        if (job := background.running(self, "draft", self._label("replay"))) is not None:
            self._begin(job)
        elif self._wanted == "claude":
            self.call_after_refresh(self._ask_claude)
        elif self._wanted:
            self.do_draft()
        self._show_drafts()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self._resumed:
            self._load()
        self._resumed = True

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_drafts)

    # -- what it says

    @property
    def draft(self) -> Draft | None:
        """The draft under the cursor."""
        return next((draft for draft in self.order if draft.id == self._shown), None)

    @property
    def working(self) -> bool:
        """Whether it drafts or runs now."""
        return self._work is not None and self._work.running

    def panels(self) -> list[Widget]:
        return [panel for panel in (self.drafts, self.work, self.compare) if panel.display]

    def context(self) -> Context:
        case = self.case
        standing = [item for item in case.publications if not item.undone] if case else []
        return Context(
            issues=1,
            draft=self.draft is not None,
            drafts=len(self.order),
            claude=self.triage.claude_reason,
            running=self.working,
            published=bool(standing),
            has_link=any(item.url for item in standing),
            case_loaded=case is not None,
        )

    def standing(self) -> tuple[Sequence[Run], Sequence[Run]]:
        title = self.case.issue.title if self.case else ""
        left = [(Clean("review "), "strong"), (clean(f"T-{self.issue_id} "), "key"), (clean(title, 300), "text")]
        if not self.evidence.display and self.draft is not None and self.case is not None:
            return left, evidence_runs(self.case.evidence.get(self.draft.id))
        standing = [item for item in self.case.publications if not item.undone] if self.case else []
        right: list[Run] = []
        if standing:
            name = f"PR #{standing[-1].number}" if standing[-1].number else "branch"
            right.append((clean(f"{name} open  "), "good"))
        return left, right

    # -- loading

    def on_issues_changed(self, message: IssuesChanged) -> None:
        if self.issue_id in message.issue_ids:
            self._load()

    def do_refresh(self) -> None:
        self._sides_of = None
        self._load()

    def _load(self) -> None:
        from triage.services.inspect import load_case

        workspace = self.triage.workspace
        self.triage.jobs.start(self, "case", "reading the drafts", lambda: load_case(workspace, self.issue_id))

    def _show_case(self, case: Case) -> None:
        known = {draft.id for draft in self.order}
        at = self.order.index(self.draft) if self.draft is not None else 0
        before = self.draft
        self.case = case
        self.order = ranked(case.drafts, case.evidence)
        # Who just edited a draft is shown what came of it.
        newer = [draft for draft in self.order if draft.id not in known and draft.parent == self._shown]
        if newer and before is not None:
            self._shown = newer[0].id
        elif self.draft is None and self.order:
            self._shown = self.order[min(at, len(self.order) - 1)].id
        self._show_drafts()
        self._show_draft(keep=self.draft == before)
        self.retell()

    def _show_drafts(self) -> None:
        lines: list[Line]
        if self.order and self.case:
            cells = self.drafts.scrollable_content_region.width or self.size.width
            lines = [draft_line(draft, self.case.evidence.get(draft.id), cells) for draft in self.order]
        elif self.case is None:
            lines = [line((Clean(" reading the drafts …"), "dim"))]
        elif self.working:
            lines = [line((Clean(" drafting a test that fails as production did …"), "dim"))]
        else:
            lines = [
                line(
                    *((Clean(" no draft: "), "dim"), (Clean("d"), "key"), (Clean(" drafts one by replay, "), "dim")),
                    *((Clean("D"), "key"), (Clean(" with Claude"), "dim")),
                )
            ]
        self.drafts.show(lines, at=self._shown)
        self.drafts.styles.height = min(len(lines), MOST_DRAFTS if self.size.height >= 30 else 3) + 1
        self.compare.display = self.heading.display = bool(self.order or self._written)
        self.work.set_class(not self.compare.display, "-alone")
        self._show_evidence()

    def _show_evidence(self) -> None:
        draft = self.draft
        self.evidence.display = draft is not None and self.size.height >= 22
        if draft is None or self.case is None:
            return
        evidence = self.case.evidence.get(draft.id)
        fix = self.triage.fixes.get(self.issue_id)
        shown = result_lines(evidence, self.size.width, most_why=1 if self.size.height >= 34 else 0)
        if not shown:
            shown = [line((Clean(" not run yet: "), "dim"), (Clean("r"), "key"), (Clean(" runs it"), "dim"))]
        elif evidence is not None and (evidence.after is None or (fix and evidence.after.ref != fix)):
            shown.append(untried_line(fix))
        self.evidence.show(shown)
        self.evidence.styles.height = len(shown)

    def _show_draft(self, keep: bool = False) -> None:
        draft = self.draft
        if draft is None:
            return
        from triage.services.sides import DRAFTS, test_line

        own = Pane(f"draft {draft.id}, {draft.path}", draft.source, DRAFTS, test_line(draft))
        texts = [own, *(Pane(side.title, side.text, side.kin, side.marked) for side in self.sides)]
        left = self._left % len(texts)
        others = [pane for place, pane in enumerate(texts) if place != left]
        self.compare.show_pair(texts[left], others[self._right % len(others)] if others else None, keep=keep)
        self.heading.refresh()
        wanted = (draft.id, self.triage.fixes.get(self.issue_id), len(self.order))
        if wanted != self._sides_of:
            self._sides_of = wanted
            self._load_sides(draft)

    def _load_sides(self, draft: Draft) -> None:
        import asyncio

        from triage.services.sides import sides
        from triage.tui.python_ink import inked_source, plain_source

        workspace, case, fix = self.triage.workspace, self.case, self.triage.fixes.get(self.issue_id)
        if case is None:
            return

        async def look() -> list[SideText]:
            found = await sides(workspace, case, draft, fix)
            for side in found:  # long files take a while to colour: not on the screen's thread
                await asyncio.to_thread(inked_source, plain_source(side.text))
            return found

        self.triage.jobs.start(self, "sides", "looking for what to compare with", look)

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
        self._show_drafts()

    def _ended(self) -> None:
        self._written = ""
        self.work.ended()
        self._show_drafts()
        self._show_draft(keep=True)
        self.retell()

    def _drafted(self, result: Drafted) -> None:
        if result.draft is None:
            self.work.tell(f"nothing reproduces it: {result.why}", "warn")
            self.work.tell("next: D drafts with Claude, with what you know", "text")
            self.say(f"no draft: {result.why}", warning=True)
        else:
            self._shown = result.draft.id
            self._left = self._right = 0
            self.sides = ()
            self.work.display = False
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
            self._left = self._right = 0
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
        self._right += 1
        self._compare_next()

    def do_own(self) -> None:
        self._left += 1
        self._right = 0
        self._compare_next()

    def _compare_next(self) -> None:
        if not self.sides:
            self.say("there is nothing to compare with yet", warning=True)
            return
        self._show_draft()
        if self.compare.right is not None:
            self.say(f"{self.compare.left.title} against {self.compare.right.title}")

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
