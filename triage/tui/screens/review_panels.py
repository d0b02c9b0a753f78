"""The panels of the review screen: drafts by evidence, the work under way, two texts side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.widget import Widget

from triage.domain.ranking import ranked
from triage.tui.draft_lines import draft_line, evidence_runs, next_line, result_lines
from triage.tui.jobs import Job
from triage.tui.messages import IssuesChanged
from triage.tui.reasons import Context
from triage.tui.screens.base import TriageScreen
from triage.tui.text import Clean, clean
from triage.tui.widgets.compare_view import CompareHeading, CompareView, Pane
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import Line, LineView, line
from triage.tui.widgets.work_view import WorkView

if TYPE_CHECKING:
    from triage.domain.case import Case
    from triage.domain.draft import Draft
    from triage.services.sides import SideText

MOST_DRAFTS = 6
EVIDENCE_FROM = 22
"""Rows from which a screen has room for the evidence below the drafts."""


class ReviewPanels(TriageScreen):
    """What the review screen shows; what it does is in `review`."""

    SCOPE = "review"

    def __init__(self, issue_id: int, strategy: str | None = None, draft_id: int | None = None) -> None:
        super().__init__()
        self.issue_id = issue_id
        self.case: Case | None = None
        self.order: list[Draft] = []
        self.sides: Sequence[SideText] = ()
        self._wanted = strategy
        self._shown: int | None = draft_id
        self._sides_of: object = None
        self._right = 1
        self._left = 0  # 0: the draft itself, else one of the sides
        self._written = ""
        self._work: Job | None = None
        self._to_run: list[int] = []
        self._resumed = False
        self._read = asyncio.Event()
        self.drafts = LineView(id="drafts", cursor=True)
        self.evidence = LineView(id="evidence")
        self.evidence.can_focus = False
        self.work = WorkView("Work", id="work")
        self.compare = CompareView(id="compare")
        self.heading = CompareHeading(self.compare)

    def body(self) -> Iterable[Widget]:
        yield Vertical(self.drafts, self.evidence, self.work, self.heading, self.compare, id="review")

    def on_screen_resume(self) -> None:
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
            return left, evidence_runs(self.case.evidence.get(self.draft.id), brief=True)
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
        if self.case is None:  # a key typed ahead is meant for a draft
            self.soon(self._read.wait, "drafts")

    def _show_case(self, case: Case) -> None:
        known = {draft.id for draft in self.order}
        at = self.order.index(self.draft) if self.draft is not None else 0
        before = self.draft
        self.case = case
        self._read.set()
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
        self.evidence.display = draft is not None and self.size.height >= EVIDENCE_FROM
        if draft is None or self.case is None:
            return
        evidence = self.case.evidence.get(draft.id)
        fix = self.triage.fixes.get(self.issue_id)
        shown = result_lines(evidence, self.size.width, most_why=1 if self.size.height >= 34 else 0)
        standing = [item for item in self.case.publications if not item.undone]
        shown.append(next_line(draft, evidence, fix, standing[-1] if standing else None))
        self.evidence.show(shown)
        self.evidence.styles.height = len(shown)

    def _show_draft(self, keep: bool = False) -> None:
        draft = self.draft
        if draft is None:
            return
        texts = self.texts(draft)
        there = [place for place, text in enumerate(texts) if not text.missing]
        self._left = self._left if self._left in there else 0
        if self._right not in there or self._right == self._left:
            self._right = next((place for place in (*there[1:], *there) if place != self._left), -1)
        left, right = texts[self._left], texts[self._right] if self._right >= 0 else None
        self.compare.show_pair(_pane(left), _pane(right) if right else None, keep=keep)
        self.heading.refresh()
        wanted = (draft.id, self.triage.fixes.get(self.issue_id), len(self.order))
        if wanted != self._sides_of:
            self._sides_of = wanted
            self._load_sides(draft)

    def texts(self, draft: Draft) -> list[SideText]:
        """What can stand side by side: the draft, and all that `sides` found."""
        from triage.services.sides import DRAFTS, SideText, test_line

        own = SideText(
            f"draft {draft.id}, {draft.path}", draft.source, DRAFTS, test_line(draft), f"this {draft.strategy} draft"
        )
        return [own, *self.sides]

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


def _pane(side: SideText) -> Pane:
    return Pane(side.title, side.text, side.kin, side.marked)
