"""Windows over the issues on SQLite, planned by hand so that no filter makes a page slow.

SQLite knows nothing of how many issues a condition names, and plans as if all were alike. Here
every statement says which index it takes, and a filtered page is found in one of two ways:

- *walk*: down the index of the sort order, testing each issue, for at most WALKS rows. Finds a
  page at once where many issues fit.
- *gather*: all issues that one of the conditions names (by its index, by the full-text index, by
  release), tested and sorted through `issue_narrow`. Cheap where few issues fit.

Counts without text, release, service or assignee come from `tally`, which triggers keep.
Measured in benchmarks/store_windows.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from triage.domain.issue import NONE, Group, Issue, IssueQuery
from triage.store.database import Database, Row, Value
from triage.store.filters import Term, group_column, is_rising, sort_key, status_of, terms_of
from triage.store.rows import ISSUE
from triage.store.windows import in_list_order

ENOUGH = 500
"""A set as small as this needs no better way."""
FEW = 5_000
"""Fewer issues than this are gathered at once, without trying to walk to them."""
PROBED = 20_000
"""Sets are counted up to here to find the smallest: a millisecond each."""
WALKS = (3_000, 30_000)
NEWEST = 5_000
"""How far down from the top arrivals are looked for."""
BY_STATUS = ("last_seen", "first_seen")
"""Sorts that have an index for each status; the others' holds the status behind the key."""
TALLIED = {"level", "regressed", "covered", "has_draft"}


@dataclass(frozen=True, slots=True)
class _Window:
    """What to read: conditions, order and edge, apart from how. Rows lie behind `edge` in the
    direction of reading, and before `above`."""

    status: str | None
    terms: Sequence[Term]
    sort: str
    upward: bool = False
    edge: tuple[int | str, int] | None = None
    above: tuple[int | str, int] | None = None

    @property
    def rising(self) -> bool:
        """Whether rows are read with the smallest key first."""
        return self.upward is not is_rising(self.sort)

    @property
    def order(self) -> str:
        order = "ASC" if self.rising else "DESC"
        return f"ORDER BY {self.sort} {order}, id {order}"

    def conditions(self, terms: Sequence[Term], *, with_status: bool = True) -> tuple[str, list[Value]]:
        """A WHERE clause (or nothing) of the status, these terms and the edge."""
        found: list[str] = []
        parameters: list[Value] = []
        if with_status and self.status is not None:
            found.append("status = ?")
            parameters.append(self.status)
        for term in terms:
            found.append(term.sql)
            parameters.extend(term.parameters)
        if self.edge is not None:
            found.append(f"({self.sort}, id) {'>' if self.rising else '<'} (?, ?)")
            parameters.extend(self.edge)
        if self.above is not None:
            found.append(f"({self.sort}, id) {'<' if self.rising else '>'} (?, ?)")
            parameters.extend(self.above)
        return (f" WHERE {' AND '.join(found)}" if found else ""), parameters


class SqliteWindows:
    """The same answers as `Windows`, fast at a million issues."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def count(self, query: IssueQuery) -> int:
        window = _Window(status_of(query), terms_of(query, "sqlite"), query.sort)
        if all(term.name in TALLIED for term in window.terms):
            return self._tally(window)
        return self._count(window)

    def page(
        self, query: IssueQuery, limit: int, now: int, after: Issue | None = None, before: Issue | None = None
    ) -> list[Issue]:
        edge, upward = (before, True) if before is not None else (after, False)
        key = None if edge is None else sort_key(edge, query.sort)
        window = _Window(status_of(query), terms_of(query, "sqlite"), query.sort, upward, key)
        return in_list_order(self._rows(window, max(0, limit)), now, upward)

    def last_page(self, query: IssueQuery, limit: int, now: int) -> list[Issue]:
        window = _Window(status_of(query), terms_of(query, "sqlite"), query.sort, upward=True)
        return in_list_order(self._rows(window, max(0, limit)), now, upward=True)

    def page_at(self, query: IssueQuery, offset: int, limit: int, now: int) -> list[Issue]:
        offset, limit = max(0, offset), max(0, limit)
        total = self.count(query)
        limit = min(limit, total - offset)
        if limit <= 0:
            return []
        below = total - offset - limit
        upward = below < offset
        window = _Window(status_of(query), terms_of(query, "sqlite"), query.sort, upward)
        rows = self._rows(window, limit, below if upward else offset)
        return in_list_order(rows, now, upward)

    def position(self, query: IssueQuery, issue: Issue) -> int:
        key = sort_key(issue, query.sort)
        return self._count(_Window(status_of(query), terms_of(query, "sqlite"), query.sort, True, key))

    def arrived(self, query: IssueQuery, top: Issue) -> int:
        key = sort_key(top, query.sort)
        terms = terms_of(query, "sqlite")
        window = _Window(status_of(query), terms, query.sort, True, key)
        if self._straight(window) is not None:
            return self._count(window)
        # All that fit may stand far apart; what arrived lately stands at the top.
        window = _Window(status_of(query), terms, query.sort, above=key)
        ids, parameters = self._walked(window, NEWEST)
        return self._number(f"SELECT count(*) FROM ({ids})", parameters)

    def groups(self, query: IssueQuery, group: str) -> list[Group]:
        column = group_column(group)
        window = _Window(status_of(query), terms_of(query, "sqlite"), query.sort)
        if column == "level" and all(term.name in TALLIED for term in window.terms):
            where, parameters = self._tallied(window)
            rows = self.database.read(f"SELECT level, sum(n) FROM tally WHERE {where} GROUP BY level", parameters)
        elif window.terms:
            # Without the `+`, SQLite would follow an index of the column to have no need of sorting.
            what = f"+{column}, count(*)"
            named, parameters = self._matching(window, what)
            rows = self.database.read(f"{named} GROUP BY +{column}", parameters)
        else:
            where, parameters = window.conditions(())
            some = f"{where}{' AND' if where else ' WHERE'} {column} IS NOT NULL" if column == "assignee" else where
            rows = self.database.read(
                f"SELECT {column}, count(*) FROM issue INDEXED BY issue_{column}{some} GROUP BY {column}", parameters
            )
            if column == "assignee":
                rows = [*rows, (None, self._tally(window) - sum(int(number) for _, number in rows))]
        return [Group(NONE if value is None else str(value), int(number)) for value, number in rows]

    def _rows(self, window: _Window, limit: int, offset: int = 0) -> list[Row]:
        index = self._straight(window)
        if index is not None and not self._is_rare(window):
            where, parameters = window.conditions(window.terms)
            inner = f"SELECT id AS k FROM issue INDEXED BY {index}{where} {window.order} LIMIT ? OFFSET ?"
            return self._fetch(inner, [*parameters, limit, offset])
        if not window.terms:
            return self._gather(window, _BY_STATUS, limit, offset)
        source, size = self._smallest(window, FEW)
        if source is not None and size < FEW:
            return self._gather(window, source, limit, offset)
        rows = self._walk(window, WALKS[0], limit, offset)
        if len(rows) == limit:
            return rows
        source, size = self._smallest(window, PROBED)
        text = self._by_text(window)
        if size >= PROBED and text is not None:
            # Walking on would read a whole row for each step; the full-text index is better by now.
            source = text
        elif size >= PROBED:
            rows = self._walk(window, WALKS[1], limit, offset)
            if len(rows) == limit:
                return rows
        if source is None:
            return self._walk(window, -1, limit, offset)
        return self._gather(window, source, limit, offset)

    def _straight(self, window: _Window) -> str | None:
        """The index that has the window's issues in its order, and can test the status."""
        if not window.terms:
            return _order_index(window)
        if len(window.terms) == 1 and window.sort == "last_seen":
            return window.terms[0].index
        return None

    def _is_rare(self, window: _Window) -> bool:
        """The order's index knows the status only by testing, and few issues have it."""
        if window.terms or window.status is None or window.sort in BY_STATUS:
            return False
        return self._tally(window) < ENOUGH

    def _walk(self, window: _Window, steps: int, limit: int, offset: int) -> list[Row]:
        """Follow the order for `steps` rows (-1: to the end) and keep those that fit."""
        ids, parameters = self._walked(window, steps)
        return self._fetch(f"{ids} LIMIT ? OFFSET ?", [*parameters, limit, offset])

    def _walked(self, window: _Window, steps: int) -> tuple[str, list[Value]]:
        """A query for the ids (as `k`) that fit among `steps` rows of the order."""
        inside, index = [term for term in window.terms if term.index][:1], None
        if window.sort == "last_seen" and inside:
            index = inside[0].index
        else:
            inside, index = [], _order_index(window)
        path, parameters = window.conditions(inside)
        rest = [term for term in window.terms if term not in inside]
        tests = "".join(f" AND {term.sql}" for term in rest)
        ids = (
            f"SELECT k FROM (SELECT id AS k FROM issue INDEXED BY {index}{path} {window.order} LIMIT ?)"
            f" CROSS JOIN issue{_narrow(rest)} ON issue.id = k{tests}"
        )
        return ids, [*parameters, steps, *(value for term in rest for value in term.parameters)]

    def _gather(self, window: _Window, source: Term, limit: int, offset: int) -> list[Row]:
        """Sort all that fit of what `source` names."""
        rest = [term for term in window.terms if term is not source]
        where, parameters = window.conditions(rest)
        narrow = "" if window.sort == "title" else _narrow(rest)
        members, named = source.members_with(window.status)
        inner = (
            f"SELECT k FROM ({members}) CROSS JOIN issue{narrow} ON issue.id = k{where} {window.order} LIMIT ? OFFSET ?"
        )
        return self._fetch(inner, [*named, *parameters, limit, offset])

    def _fetch(self, ids: str, parameters: Sequence[Value]) -> list[Row]:
        """The ISSUE columns of the issues whose ids come as `k`, in that order."""
        return self.database.read(f"SELECT {ISSUE} FROM ({ids}) CROSS JOIN issue ON issue.id = k", parameters)

    def _smallest(self, window: _Window, limit: int) -> tuple[Term | None, int]:
        """The condition that names the fewest issues, and how many (at most `limit`). Text is not
        asked: finding all that begins with a letter takes as long as what it could save."""
        smallest: Term | None = None
        fewest = limit
        for term in window.terms:
            if term.members is None or term.name == "text":
                continue
            members, named = term.members_with(window.status)
            size = self._number(f"SELECT count(*) FROM ({members} LIMIT {fewest})", named)
            if smallest is None or size < fewest:
                smallest, fewest = term, size
            if size < ENOUGH:
                break
        return smallest, fewest

    def _by_text(self, window: _Window) -> Term | None:
        return next((term for term in window.terms if term.name == "text" and term.members), None)

    def _count(self, window: _Window) -> int:
        if len(window.terms) == 1 and window.edge is None and window.terms[0].members_by_status:
            members, named = window.terms[0].members_with(window.status)
            return self._number(f"SELECT count(*) FROM ({members})", named)
        index = self._straight(window)
        if index is not None:
            where, parameters = window.conditions(window.terms)
            return self._number(f"SELECT count(*) FROM issue INDEXED BY {index}{where}", parameters)
        return self._number(*self._matching(window, "count(*)"))

    def _matching(self, window: _Window, what: str) -> tuple[str, list[Value]]:
        """`SELECT what` of all issues of the window, found the shortest way."""
        source, size = self._smallest(window, PROBED)
        if size >= PROBED:
            source = self._by_text(window)
        rest = [term for term in window.terms if term is not source]
        where, parameters = window.conditions(rest)
        if source is None:
            narrow = "" if window.sort == "title" and window.edge else _narrow(rest)
            return f"SELECT {what} FROM issue{narrow}{where}", parameters
        members, named = source.members_with(window.status)
        if not where and what == "count(*)":
            return f"SELECT {what} FROM ({members})", named
        return f"SELECT {what} FROM ({members}) CROSS JOIN issue{_narrow(rest)} ON issue.id = k{where}", [
            *named,
            *parameters,
        ]

    def _tally(self, window: _Window) -> int:
        where, parameters = self._tallied(window)
        return self._number(f"SELECT coalesce(sum(n), 0) FROM tally WHERE {where}", parameters)

    def _tallied(self, window: _Window) -> tuple[str, list[Value]]:
        """The conditions of a window whose terms are all TALLIED, on `tally`."""
        conditions = ["1 = 1"]
        parameters: list[Value] = []
        if window.status is not None:
            conditions.append("status = ?")
            parameters.append(window.status)
        for term in window.terms:
            conditions.append(TALLY_SQL.get(term.sql, term.sql))
            parameters.extend(term.parameters)
        return " AND ".join(conditions), parameters

    def _number(self, sql: str, parameters: Sequence[Value]) -> int:
        return int(self.database.read(sql, parameters)[0][0])


_BY_STATUS = Term(
    "status", "1 = 1", members="SELECT id AS k FROM issue INDEXED BY issue_status_first_seen WHERE 1 = 1",
    members_by_status=True,
)  # fmt: skip
TALLY_SQL = {"draft IS NOT NULL": "drafted = 1", "draft IS NULL": "drafted = 0"}


def _order_index(window: _Window) -> str:
    by_status = window.status is not None and window.sort in BY_STATUS
    return f"issue_status_{window.sort}" if by_status else f"issue_{window.sort}"


def _narrow(tested: Sequence[Term]) -> str:
    """The index that holds all columns that filters test but the text."""
    return "" if any(term.name == "text" for term in tested) else " INDEXED BY issue_narrow"
