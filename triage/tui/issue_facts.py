"""The tabs of an issue, and what their lines are made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from triage.domain.case import Case
from triage.domain.code_path import LocatedFrame
from triage.domain.event import Event, Frame
from triage.domain.issue import Issue
from triage.domain.occurrence import Occurrences
from triage.domain.report import Report
from triage.tui.text import Clean, clean, fit, wrap
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import Line, line

if TYPE_CHECKING:
    from triage.services.neighbours import Neighbour
    from triage.services.source_text import LineTests

MOST = 200


class Activity(Protocol):
    """One thing that was done to an issue (see `triage.store`)."""

    @property
    def when(self) -> datetime: ...
    @property
    def who(self) -> str: ...
    @property
    def what(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Facts:
    """What the tabs are made from. What is None was not loaded yet.

    `line` are the tests of the line under the cursor, `model` the test whose style the next
    draft takes, `ran` how tests that were run here ended.
    """

    event: Event
    issue: Issue | None = None
    case: Case | None = None
    history: Sequence[Activity] | None = None
    frame: Frame | None = None
    located: LocatedFrame | None = None
    line: LineTests | None = None
    model: str = ""
    ran: tuple[tuple[str, str], ...] = ()
    seen: Occurrences | None = None
    similar: Sequence[Neighbour] | None = None
    reports: Sequence[Report] | None = None


@dataclass(frozen=True, slots=True)
class TestKey:
    """A covering test; `place` tells its two places in the list apart."""

    node_id: str
    place: str = "path"


@dataclass(frozen=True, slots=True)
class DraftKey:
    """A draft of ours."""

    id: int


@dataclass(frozen=True, slots=True)
class IssueKey:
    """Another issue."""

    id: int


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: its name, how to make its lines in a room of cells and rows, and how many things
    are in it (None: no number)."""

    name: str
    lines: Callable[[Facts, int, int], list[Line]]
    count: Callable[[Facts], int | None]


def heading(text: str) -> Line:
    """A heading of ours inside a tab."""
    return line((Clean(f" {text}"), "head"))


def told(text: str, ink: str = "dim") -> Line:
    """One sentence; outside text in it is made plain."""
    return line((clean(f" {text}", 400), ink))


def told_wrapped(text: str, cells: int, ink: str = "dim", most: int = 4) -> list[Line]:
    """A sentence on as many lines as it needs."""
    return [line((Clean(f" {part}"), ink)) for part in wrap(clean(text, 2_000), max(20, cells - 2), most)]


def table(pairs: Sequence[tuple[str, str]], cells: int) -> list[Line]:
    """Names and values in two columns."""
    name_width = min(22, max((len(name) for name, _ in pairs), default=0))
    lines = []
    for name, value in pairs:
        for place, part in enumerate(wrap(clean(value, 1_000), max(16, cells - name_width - 4), 3)):
            head: Run = (fit(clean(name, 60), name_width) if place == 0 else Clean(" " * name_width), "dim")
            lines.append(line((Clean(" "), "text"), head, (Clean("  "), "text"), (part, "text")))
    return lines
