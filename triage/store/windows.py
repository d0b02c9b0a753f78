"""Windows over the issues in plain SQL, for a database that plans its queries well by itself."""

from collections.abc import Sequence

from triage.domain.issue import NONE, Group, Issue, IssueQuery
from triage.store.database import Database, Row, Value
from triage.store.filters import group_column, is_rising, sort_key, status_of, terms_of
from triage.store.rows import ISSUE, to_issue


class Windows:
    """The queries behind Store.count, page, page_at, last_page and position."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def count(self, query: IssueQuery) -> int:
        where, parameters = self._where(query)
        return int(self.database.read(f"SELECT count(*) FROM issue{where}", parameters)[0][0])

    def page(
        self, query: IssueQuery, limit: int, now: int, after: Issue | None = None, before: Issue | None = None
    ) -> list[Issue]:
        edge, upward = (before, True) if before is not None else (after, False)
        where, parameters = self._where(query, edge, upward)
        return self._issues(query.sort, where, parameters, limit, 0, now, upward)

    def page_at(self, query: IssueQuery, offset: int, limit: int, now: int) -> list[Issue]:
        where, parameters = self._where(query)
        return self._issues(query.sort, where, parameters, limit, max(0, offset), now, upward=False)

    def last_page(self, query: IssueQuery, limit: int, now: int) -> list[Issue]:
        where, parameters = self._where(query)
        return self._issues(query.sort, where, parameters, limit, 0, now, upward=True)

    def position(self, query: IssueQuery, issue: Issue) -> int:
        where, parameters = self._where(query, issue, upward=True)
        return int(self.database.read(f"SELECT count(*) FROM issue{where}", parameters)[0][0])

    def arrived(self, query: IssueQuery, top: Issue) -> int:
        return self.position(query, top)

    def groups(self, query: IssueQuery, group: str) -> list[Group]:
        column = group_column(group)
        where, parameters = self._where(query)
        rows = self.database.read(f"SELECT {column}, count(*) FROM issue{where} GROUP BY {column}", parameters)
        return [Group(NONE if value is None else str(value), int(number)) for value, number in rows]

    def _key(self, sort: str) -> str:
        """The column of a sort; texts compare by their characters' numbers, as in Python."""
        return f'{sort} COLLATE "C"' if sort == "title" and self.database.dialect == "postgresql" else sort

    def _where(self, query: IssueQuery, edge: Issue | None = None, upward: bool = False) -> tuple[str, list[Value]]:
        conditions: list[str] = []
        parameters: list[Value] = []
        if (status := status_of(query)) is not None:
            conditions.append("status = ?")
            parameters.append(status)
        for term in terms_of(query, self.database.dialect):
            conditions.append(term.sql)
            parameters.extend(term.parameters)
        if edge is not None:
            rising = upward is not is_rising(query.sort)
            conditions.append(f"({self._key(query.sort)}, id) {'>' if rising else '<'} (?, ?)")
            parameters.extend(sort_key(edge, query.sort))
        return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), parameters

    def _issues(
        self, sort: str, where: str, parameters: Sequence[Value], limit: int, offset: int, now: int, upward: bool
    ) -> list[Issue]:
        order = "ASC" if upward is not is_rising(sort) else "DESC"
        rows = self.database.read(
            f"SELECT {ISSUE} FROM issue{where} ORDER BY {self._key(sort)} {order}, id {order} LIMIT ? OFFSET ?",
            (*parameters, max(0, limit), offset),
        )
        return in_list_order(rows, now, upward)


def in_list_order(rows: Sequence[Row], now: int, upward: bool) -> list[Issue]:
    """Issues from rows of the ISSUE columns that were read top down, or bottom up."""
    issues = [to_issue(row, now) for row in rows]
    if upward:
        issues.reverse()
    return issues


VALUES = {
    "release": ("release", "issue_release", ""),
    "service": ("service", "issue", "issue_service"),
    "owner": ("assignee", "issue", "issue_assignee"),
}


def values(database: Database, name: str, limit: int) -> list[str]:
    """The distinct values of a column, found by leaping from one to the next in its index."""
    column, table, index = VALUES[name]
    source = f"{table}{database.hint(index) if index else ''}"
    rows = database.read(
        f"WITH RECURSIVE found(v) AS (SELECT min({column}) FROM {source} WHERE {column} IS NOT NULL"
        f" UNION ALL SELECT (SELECT min({column}) FROM {source} WHERE {column} > found.v) FROM found"
        " WHERE found.v IS NOT NULL) SELECT v FROM found WHERE v IS NOT NULL LIMIT ?",
        (limit,),
    )
    return [str(value) for (value,) in rows]
