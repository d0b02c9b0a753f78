"""Windows over the issues in plain SQL, for a database that plans its queries well by itself."""

from collections.abc import Sequence

from triage.domain.issue import Issue, IssueQuery
from triage.store.database import Database, Row, Value
from triage.store.filters import sort_key, status_of, terms_of
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
            conditions.append(f"({query.sort}, id) {'>' if upward else '<'} (?, ?)")
            parameters.extend(sort_key(edge, query.sort))
        return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), parameters

    def _issues(
        self, sort: str, where: str, parameters: Sequence[Value], limit: int, offset: int, now: int, upward: bool
    ) -> list[Issue]:
        order = "ASC" if upward else "DESC"
        rows = self.database.read(
            f"SELECT {ISSUE} FROM issue{where} ORDER BY {sort} {order}, id {order} LIMIT ? OFFSET ?",
            (*parameters, max(0, limit), offset),
        )
        return in_list_order(rows, now, upward)


def in_list_order(rows: Sequence[Row], now: int, upward: bool) -> list[Issue]:
    """Issues from rows of the ISSUE columns that were read top down, or bottom up."""
    issues = [to_issue(row, now) for row in rows]
    if upward:
        issues.reverse()
    return issues
