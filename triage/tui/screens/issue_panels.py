"""The panels of the issue screen: header, stack, source, tabs of facts."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual.containers import Container, Vertical
from textual.widget import Widget

from triage.domain.case import Case
from triage.domain.code_path import LocatedFrame
from triage.domain.event import Event
from triage.domain.issue import Issue, Status
from triage.tui.issue_facts import Facts, TestKey
from triage.tui.issue_header import FACTS_FROM, brief_facts, header_lines, header_rows
from triage.tui.issue_stack import FoldKey, FrameKey, Stack
from triage.tui.issue_tabs import PLACE, TABS
from triage.tui.issue_values import values
from triage.tui.reasons import Context
from triage.tui.screens.base import TriageScreen
from triage.tui.text import Clean, clean
from triage.tui.widgets.inked import Run
from triage.tui.widgets.issue_tabs import TabStrip
from triage.tui.widgets.line_view import LineView
from triage.tui.widgets.source_view import SourceView

if TYPE_CHECKING:
    from triage.services.source_text import SourceText


BESIDE = (110, 48)
"""Cells and rows from which the chosen frame's values have a panel of their own under the stack."""


class IssuePanels(TriageScreen):
    """What the issue screen shows; what it does is in the classes below it."""

    SCOPE = "issue"

    def __init__(self, issue_id: int) -> None:
        super().__init__()
        self.issue_id = issue_id
        self.issue: Issue | None = None
        self.event: Event | None = None
        self.case: Case | None = None
        self.facts: Facts | None = None
        self.text: SourceText | None = None
        self.test_shown: str = ""
        self.header = LineView(id="header")
        self.header.can_focus = False
        self.stack_view = LineView(id="stack", cursor=True)
        self.source = SourceView(id="source")
        self.facts_view = LineView(id="facts", cursor=True)
        self.values_view = LineView(id="values")
        self.tabs = TabStrip(self.choose_tab)
        self.facts_view.heading = self.tabs
        self.tab = 0
        self.stack: Stack | None = None
        self.unfolded: frozenset[FoldKey] = frozenset()
        self.libraries = False
        self.doing = "reading"
        self.shown: FrameKey | None = None

    def body(self) -> Iterable[Widget]:
        yield self.header
        yield Container(
            self.stack_view,
            Vertical(self.source, Vertical(self.tabs, self.facts_view, id="facts-box"), id="right"),
            self.values_view,
            id="panels",
        )

    def on_mount(self) -> None:
        self.stack_view.border_title = "Stack, deepest first"
        self.source.border_title = "Source"
        self.values_view.border_title = "Values"

    def on_resize(self) -> None:
        self.set_class(self.size.width >= BESIDE[0] and self.size.height >= BESIDE[1], "-values")
        self.call_after_refresh(self.show)

    def on_descendant_focus(self) -> None:
        self.tabs.focus_shown(self.focused is self.facts_view)

    def panels(self) -> list[Widget]:
        return [
            self.stack_view,
            self.source,
            self.facts_view,
            *([self.values_view] if self.has_class("-values") else []),
        ]

    # -- showing

    def learned(self) -> None:
        """The event or the case is another: what is made from them is made anew."""
        assert self.event is not None
        known = self.facts or Facts(self.event)
        model = self.triage.workspace.styles.get(self.issue_id, "")
        self.facts = dataclasses.replace(known, event=self.event, issue=self.issue, case=self.case, model=model)
        self.stack = Stack(self.event, self.case.code_path if self.case else None)

    def know(self, **more: object) -> None:
        """More facts; the tab is drawn again."""
        if self.facts is not None:
            self.facts = dataclasses.replace(self.facts, **more)  # type: ignore[arg-type]
            self.show_facts()

    def show(self) -> None:
        """Draw all panels from what is known."""
        self.show_header()
        self.show_stack()
        self.show_source()
        self.show_facts()
        self.retell()

    def show_source(self) -> None:
        """Draw the source of the chosen frame."""
        raise NotImplementedError

    def show_header(self) -> None:
        if self.issue is None:
            return
        rows = header_rows(self.size.height)
        lines = header_lines(self.issue, self.event, self.case, self.size.width, rows, self.doing)
        self.header.styles.height = len(lines)
        self.header.show(lines)

    def show_stack(self, at: object = None) -> None:
        if self.stack is None:
            return
        known = self.stack_view.key
        width = self.stack_view.scrollable_content_region.width - 1
        lines = self.stack.lines(width, self.unfolded, self.libraries)
        at = at or (known if isinstance(known, FrameKey | FoldKey) else self.stack.first())
        self.stack_view.show(lines, at=at)

    def show_facts(self) -> None:
        if self.facts is None:
            return
        facts = self.facts
        self.tabs.show([(tab.name, tab.count(facts)) for tab in TABS], self.tab)
        region = self.facts_view.scrollable_content_region
        lines = TABS[self.tab].lines(facts, max(20, region.width - 1), max(1, region.height))
        if self.focused is self.facts_view:
            self.facts_view.show(lines)
        else:  # nobody walks it: its start is what matters
            self.facts_view.show(lines, at=next((item.key for item in lines if item.key is not None), None), top=True)
        if self.has_class("-values"):
            region = self.values_view.scrollable_content_region
            self.values_view.show(values(facts, max(20, region.width - 1), max(1, region.height)))

    @property
    def frame(self) -> FrameKey | None:
        """The frame that is chosen."""
        key = self.stack_view.key
        return key if isinstance(key, FrameKey) else self.shown

    @property
    def located(self) -> LocatedFrame | None:
        """The chosen frame on the checkout."""
        return self.stack.located(self.frame) if self.stack and self.frame else None

    @property
    def chosen_test(self) -> str:
        """The test under the cursor of the tests, else the one that is shown, else the first that
        runs the line under the cursor, else the first of the code path; "" without one."""
        key = self.facts_view.key
        if isinstance(key, TestKey) and self.tab == PLACE["tests"]:
            return key.node_id
        if self.test_shown:
            return self.test_shown
        line = self.facts.line if self.facts else None
        covering = (*(line.tests if line else ()), *(self.case.covering if self.case else ()))
        return covering[0].node_id if covering else ""

    # -- tabs

    def choose_tab(self, place: int) -> None:
        """Show another tab of facts."""
        self.tab = place % len(TABS)
        self.show_facts()
        self.facts_view.scroll_to(y=0, animate=False)
        self.tab_chosen(TABS[self.tab].name)

    def tab_chosen(self, name: str) -> None:
        """Another tab is shown: what it needs may not have been read yet."""

    def do_next_tab(self) -> None:
        self.choose_tab(self.tab + 1)

    def do_previous_tab(self) -> None:
        self.choose_tab(self.tab - 1)

    # -- what is said above and below

    def standing(self) -> tuple[Sequence[Run], Sequence[Run]]:
        left: list[Run] = [(Clean("issue "), "strong"), (Clean(f"T-{self.issue_id} "), "key")]
        right: list[Run] = []
        if self.issue is not None:
            left.append((clean(self.issue.culprit, 200), "dim"))
            if header_rows(self.size.height) < FACTS_FROM:
                right += [(clean(word), "dim") for word in brief_facts(self.issue)]
            if self.issue.status is not Status.UNRESOLVED:
                right.append((clean(f"{self.issue.status} ", 40), "good"))
        return left, right

    def context(self) -> Context:
        located = self.located
        case = self.case
        published = bool(case and any(item.url and not item.undone for item in case.publications))
        return Context(
            issues=1 if self.issue is not None else 0,
            frame_in_checkout=None if located is None else located.in_checkout,
            has_link=published,
            claude=self.triage.claude_reason,
            editor=self.triage.editor_reason(),
            drafts=len(case.drafts) if case else int(bool(self.issue and self.issue.draft)),
            case_loaded=case is not None,
            test=bool(self.chosen_test),
            on_test=isinstance(self.facts_view.key, TestKey) and self.focused is self.facts_view,
            file=self.text is not None,
            sides=bool(self.test_shown) or (self.text is not None and self.text.two_sides),
            request=bool(self.event and self.event.request),
        )
