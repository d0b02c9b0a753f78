"""A window of an issue list that is cut into groups, each with a heading that can be folded."""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate

from triage.domain.issue import GROUPS, SORTS, Group, Issue, IssueQuery, within
from triage.tui.window import IssueStore, IssueWindow

KEPT_PARTS = 6
"""Groups whose rows are kept, so that memory does not grow with what was looked at."""


class GroupedWindow:
    """Rows of all groups of a query, one group after the other.

    With `query.group` every group has a heading; where only `query.sort` names a group, the
    groups just follow each other. Like `IssueWindow` it is a snapshot: groups keep their order.
    """

    def __init__(self, store: IssueStore, query: IssueQuery) -> None:
        self._store = store
        self.query = query
        self.by = query.group or query.sort
        self.has_headings = bool(query.group)
        self._plain = dataclasses.replace(query, sort=SORTS[0], group="")
        self._within = dataclasses.replace(query, group="") if query.group else query
        self.groups: list[Group] = store.groups(self._plain, self.by)
        self._sizes = [group.count for group in self.groups]
        self._folded: set[str] = set()
        self._parts: OrderedDict[int, IssueWindow | GroupedWindow] = OrderedDict()
        newest = store.page(self._plain, 1)
        self._newest = newest[0] if newest else None
        self.counted = True
        self._measure()

    def _measure(self) -> None:
        lead = 1 if self.has_headings else 0
        lengths = [
            lead + (0 if group.value in self._folded else size)
            for group, size in zip(self.groups, self._sizes, strict=True)
        ]
        self._starts = [0, *accumulate(lengths)]

    def __len__(self) -> int:
        return self._starts[-1]

    @property
    def number(self) -> int:
        """How many issues there are in all groups."""
        return sum(self._sizes)

    @property
    def rows(self) -> list[Issue]:
        """The issues whose rows are kept."""
        return [issue for part in self._parts.values() for issue in part.rows]

    def count(self) -> int:
        return self.number

    def set_total(self, total: int) -> None:
        """Groups are counted when they are opened."""

    def heading(self, index: int) -> Group | None:
        """The group whose heading stands at `index`, if one does."""
        if not self.has_headings or not 0 <= index < len(self):
            return None
        place = self._place(index)
        return self.groups[place] if self._starts[place] == index else None

    def is_folded(self, group: Group) -> bool:
        return group.value in self._folded

    def fold(self, group: Group, folded: bool) -> None:
        """Show a group's heading only, or its issues as well."""
        (self._folded.add if folded else self._folded.discard)(group.value)
        self._measure()

    def fold_all(self, folded: bool) -> None:
        """The same for all groups."""
        self._folded = {group.value for group in self.groups} if folded else set()
        self._measure()

    def heading_at(self, place: int) -> int:
        """Where the heading of a group stands, by its place among the groups."""
        return self._starts[place]

    def start_of(self, index: int) -> int:
        """Where the group begins that the row at `index` belongs to."""
        return self._starts[self._place(index)]

    def next_start(self, index: int, step: int) -> int:
        """Where the next group begins, or the one before (`step` -1)."""
        place = self._place(index) + step
        if step < 0 and self._starts[self._place(index)] < index:
            place += 1
        return self._starts[max(0, min(place, len(self.groups) - 1))] if self.groups else 0

    def row(self, index: int) -> Issue | None:
        """The issue at `index`; None for a heading and for what is not in the window."""
        if not 0 <= index < len(self):
            return None
        place = self._place(index)
        part = self._parts.get(place)
        return part.row(self._inside(place, index)) if part is not None else None

    def need(self, first: int, last: int) -> bool:
        """Bring rows `first` to `last` (exclusive) into the window; says whether rows changed."""
        changed = False
        for place, begin, end in list(self._overlaps(first, last)):
            part = self._part(place)
            changed |= part.need(begin, end)
            if len(part) != self._sizes[place]:
                self._sizes[place] = len(part)
                self._measure()
                changed = True
        return changed

    def end(self) -> None:
        """Bring the last rows in."""
        self.need(len(self) - 30, len(self))

    def find(self, matches: Callable[[Issue], bool], begin: int, step: int) -> int | None:
        """The index of the next row in the window that matches, from `begin` on by `step`."""
        index = begin
        while 0 <= index < len(self):
            issue = self.row(index)
            if issue is None and self.heading(index) is None:
                return None
            if issue is not None and matches(issue):
                return index
            index += step
        return None

    def arrived(self) -> int:
        """How many issues were seen since, in any group."""
        if self._newest is None:
            return self._store.count(self._plain)
        return self._store.arrived(self._plain, self._newest)

    def position(self, issue: Issue) -> int:
        """Where an issue stands; 0 when it is in none of the groups."""
        for place, group in enumerate(self.groups):
            part = within(self._within, self.by, group.value)
            if _value(issue, self.by) == group.value:
                if group.value in self._folded:
                    return self._starts[place]
                lead = 1 if self.has_headings else 0
                inner = self._store.position(part, issue) if part.sort not in GROUPS else 0
                return self._starts[place] + lead + min(inner, max(0, self._sizes[place] - 1))
        return 0

    def renew(self, fresh: Mapping[int, Issue], first: int, last: int) -> list[int]:
        """Take newer values for rows `first` to `last`, in place; which indexes changed."""
        changed: list[int] = []
        for place, begin, end in list(self._overlaps(first, last)):
            if (part := self._parts.get(place)) is not None:
                lead = self._starts[place] + (1 if self.has_headings else 0)
                changed += [lead + at for at in part.renew(fresh, begin, end)]
        return changed

    def _place(self, index: int) -> int:
        """Which group the row at `index` belongs to."""
        return max(0, min(bisect_right(self._starts, index) - 1, len(self.groups) - 1))

    def _inside(self, place: int, index: int) -> int:
        """The row's index within its group; -1 for the heading."""
        return index - self._starts[place] - (1 if self.has_headings else 0)

    def _overlaps(self, first: int, last: int) -> Iterator[tuple[int, int, int]]:
        """The groups that have issues among these rows, with the half-open range of those."""
        first, last = max(0, first), min(last, len(self))
        if first >= last:
            return
        for place in range(self._place(first), self._place(last - 1) + 1):
            shown = self._starts[place + 1] - self._starts[place] - (1 if self.has_headings else 0)
            begin = max(0, self._inside(place, first))
            end = min(shown, self._inside(place, last))
            if begin < end:
                yield place, begin, end

    def _part(self, place: int) -> IssueWindow | GroupedWindow:
        part = self._parts.get(place)
        if part is None:
            query = within(self._within, self.by, self.groups[place].value)
            if query.sort in GROUPS:
                part = GroupedWindow(self._store, query)
            else:
                part = IssueWindow(self._store, query, total=self._sizes[place])
            self._parts[place] = part
            while len(self._parts) > KEPT_PARTS:
                self._parts.popitem(last=False)
        self._parts.move_to_end(place)
        return part


def _value(issue: Issue, by: str) -> str:
    from triage.domain.issue import field_of

    return str(getattr(issue, field_of(by)) or "")


Window = IssueWindow | GroupedWindow


def open_window(store: IssueStore, query: IssueQuery, first: int = 60) -> Window:
    """The window that a query asks for."""
    if query.group or query.sort in GROUPS:
        return GroupedWindow(store, query)
    return IssueWindow(store, query, first)
