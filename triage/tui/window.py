"""A window of an issue list over the store: constant memory, however many issues there are.

The list on screen is a snapshot: rows keep their places while new events arrive; `arrived`
says how many issues would now stand above the first one. Values of rows on screen are
brought up to date in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from triage.domain.issue import Group, Issue, IssueQuery

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = 60
KEPT = 400


class IssueStore(Protocol):
    """What the window asks of the store (see `triage.store.Store`)."""

    def count(self, query: IssueQuery) -> int: ...

    def page(
        self, query: IssueQuery, limit: int, after: Issue | None = None, before: Issue | None = None
    ) -> Sequence[Issue]: ...

    def page_at(self, query: IssueQuery, offset: int, limit: int) -> Sequence[Issue]: ...

    def last_page(self, query: IssueQuery, limit: int) -> Sequence[Issue]: ...

    def position(self, query: IssueQuery, issue: Issue) -> int: ...

    def arrived(self, query: IssueQuery, top: Issue) -> int: ...

    def groups(self, query: IssueQuery, group: str) -> list[Group]: ...

    def issues(self, ids: Iterable[int]) -> Mapping[int, Issue]: ...


class IssueWindow:
    """Rows `start` to `start + len(rows)` of a query's list of `total` issues.

    `total` is a lower bound until `counted`. Where it is handed in, nothing is read before rows
    are needed.
    """

    def __init__(self, store: IssueStore, query: IssueQuery, first: int = PAGE, total: int | None = None) -> None:
        self._store = store
        self.query = query
        self.start = 0
        self.rows: list[Issue] = [] if total is not None else list(store.page(query, first))
        # Rows as they stood when they were read: keys to page from, though their values change.
        self._anchors: dict[int, Issue] = {}
        self.total = len(self.rows) if total is None else total
        self.counted = total is not None or len(self.rows) < first
        self.top = self.rows[0] if self.rows else None

    def __len__(self) -> int:
        return self.total

    @property
    def number(self) -> int:
        """How many issues there are."""
        return self.total

    def heading(self, index: int) -> Group | None:
        """No row is a heading here."""
        return None

    @property
    def complete(self) -> bool:
        """Whether the whole list is in the window."""
        return self.counted and len(self.rows) == self.total

    def count(self) -> int:
        """How many issues the query has now; slow for text queries, so call it off the screen's thread."""
        return self._store.count(self.query)

    def set_total(self, total: int) -> None:
        """Take a count; never less than what is known to exist."""
        self.total = max(total, self.start + len(self.rows))
        self.counted = True

    def row(self, index: int) -> Issue | None:
        """The issue at `index`, if it lies in the window."""
        place = index - self.start
        return self.rows[place] if 0 <= place < len(self.rows) else None

    def need(self, first: int, last: int) -> bool:
        """Bring rows `first` to `last` (exclusive) into the window; says whether rows changed."""
        first, last = max(0, first), min(last, self.total)
        end = self.start + len(self.rows)
        if first >= last or (first >= self.start and last <= end):
            return False
        if self.rows and last > end and self.start <= first <= end and last - end <= PAGE:
            return self._below()
        if self.rows and first < self.start and last <= end and self.start - first <= PAGE:
            return self._above()
        return self._jump(first, last)

    def _below(self) -> bool:
        page = self._store.page(self.query, PAGE, after=self._anchor(self.rows[-1]))
        known = {issue.id for issue in self.rows[-PAGE:]}
        fresh = [issue for issue in page if issue.id not in known]
        self.rows += fresh
        if len(page) < PAGE:
            self.total = self.start + len(self.rows)
            self.counted = True
        elif not self.counted:
            self.total = max(self.total, self.start + len(self.rows) + 1)
        if (excess := len(self.rows) - KEPT) > 0:
            self._forget(self.rows[:excess])
            del self.rows[:excess]
            self.start += excess
        return True

    def _above(self) -> bool:
        page = self._store.page(self.query, PAGE, before=self._anchor(self.rows[0]))
        known = {issue.id for issue in self.rows[:PAGE]}
        fresh = [issue for issue in page if issue.id not in known][-self.start :] if self.start else []
        self.rows[:0] = fresh
        self.start -= len(fresh)
        if not fresh or (len(page) < PAGE and self.start):
            # Rows moved to the top meanwhile: what is left above is what there is.
            self.total -= self.start
            self.start = 0
        if (excess := len(self.rows) - KEPT) > 0:
            self._forget(self.rows[-excess:])
            del self.rows[-excess:]
        return True

    def _jump(self, first: int, last: int) -> bool:
        size = max(PAGE, last - first + PAGE // 2)
        self._anchors.clear()
        if self.counted and last > self.total - PAGE:
            self.rows = list(self._store.last_page(self.query, max(size, self.total - first)))
            self.start = max(0, self.total - len(self.rows))
        else:
            start = max(0, (first + last - size) // 2)
            # What arrived since stands above our first row: the store counts it, we do not.
            shift = self.arrived() if self.top is not None and not self.query.text else 0
            if start + shift:
                self.rows = list(self._store.page_at(self.query, start + shift, size))
            else:
                self.rows = list(self._store.page(self.query, size))
            self.start = start
            if len(self.rows) < size:
                self.total = start + len(self.rows)
                self.counted = True
        if not self.rows and self.total:
            self.rows = list(self._store.page(self.query, PAGE))
            self.start, self.total = 0, max(len(self.rows), self.total if not self.counted else 0)
        return True

    def end(self) -> None:
        """Bring the last rows in, counting first if that has not been done."""
        if not self.counted:
            self.set_total(self.count())
        self.need(self.total - PAGE // 2, self.total)

    def find(self, matches: Callable[[Issue], bool], begin: int, step: int) -> int | None:
        """The index of the next row in the window that matches, from `begin` on by `step`."""
        index = begin
        while (issue := self.row(index)) is not None:
            if matches(issue):
                return index
            index += step
        return None

    def arrived(self) -> int:
        """How many issues would stand above the first row of this list now."""
        if self.top is None:
            return self._store.count(self.query)
        return self._store.arrived(self.query, self.top)

    def position(self, issue: Issue) -> int:
        """Where an issue stands in the list."""
        return self._store.position(self.query, issue)

    def renew(self, fresh: Mapping[int, Issue], first: int, last: int) -> list[int]:
        """Take newer values for rows `first` to `last`, in place; which indexes changed."""
        changed = []
        for place in range(max(0, first - self.start), min(len(self.rows), last - self.start)):
            old = self.rows[place]
            new = fresh.get(old.id, old)
            if new != old:
                self._anchors.setdefault(old.id, old)
                self.rows[place] = new
                changed.append(self.start + place)
        return changed

    def _anchor(self, issue: Issue) -> Issue:
        return self._anchors.get(issue.id, issue)

    def _forget(self, rows: Sequence[Issue]) -> None:
        for issue in rows:
            self._anchors.pop(issue.id, None)
