"""Windows over the issues: counts, keyset pages and positions that do not slow down with the table."""

from collections.abc import Sequence
from dataclasses import dataclass

from triage.domain.issue import SORTS, Issue, IssueQuery, Status
from triage.errors import UsageError
from triage.store.database import Database, Row, Value
from triage.store.rows import ISSUE, to_issue, to_micros
from triage.store.words import words


@dataclass(frozen=True, slots=True)
class Filter:
    """A query's conditions in SQL, without its order."""

    conditions: tuple[str, ...]
    parameters: tuple[Value, ...]

    def where(self, *more: str) -> str:
        conditions = (*self.conditions, *more)
        return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def filter_of(query: IssueQuery, dialect: str) -> Filter:
    """The conditions of `query`. Raises UsageError for a sort that is not offered."""
    if query.sort not in SORTS:
        raise UsageError(f"cannot sort by {query.sort}", "", f"one of: {', '.join(SORTS)}")
    conditions: list[str] = []
    parameters: list[Value] = []
    equal: tuple[tuple[str, Value], ...] = (
        ("status", None if query.status is None else Status(query.status).value),
        ("level", query.level),
        ("service", query.service),
        ("assignee", query.assignee),
        ("regressed", None if query.regressed is None else int(query.regressed)),
        ("covered", None if query.covered is None else int(query.covered)),
    )
    for column, value in equal:
        if value is not None:
            conditions.append(f"{column} = ?")
            parameters.append(value)
    if query.has_draft is not None:
        conditions.append(f"draft IS {'NOT ' if query.has_draft else ''}NULL")
    if query.release is not None:
        conditions.append("EXISTS (SELECT 1 FROM issue_release r WHERE r.release = ? AND r.issue_id = issue.id)")
        parameters.append(query.release)
    if sought := words(query.text):
        if dialect == "sqlite":
            conditions.append("id IN (SELECT rowid FROM issue_text WHERE issue_text MATCH ?)")
            parameters.append(" AND ".join(f'"{word}"*' for word in sought))
        else:
            conditions.append("to_tsvector('simple', search) @@ to_tsquery('simple', ?)")
            parameters.append(" & ".join(f"{word}:*" for word in sought))
    elif query.text.strip():
        conditions.append("1 = 0")
    return Filter(tuple(conditions), tuple(parameters))


def count(database: Database, query: IssueQuery) -> int:
    chosen = filter_of(query, database.dialect)
    return int(database.read(f"SELECT count(*) FROM issue{chosen.where()}", chosen.parameters)[0][0])


def page(
    database: Database, query: IssueQuery, limit: int, now: int, after: Issue | None = None, before: Issue | None = None
) -> list[Issue]:
    chosen = filter_of(query, database.dialect)
    edge = before or after
    key = f"({query.sort}, id) {'>' if before else '<'} (?, ?)"
    where, parameters = chosen.where(), chosen.parameters
    if edge is not None:
        where, parameters = chosen.where(key), (*parameters, *sort_key(edge, query.sort))
    rows = _rows(database, query.sort, where, parameters, limit, 0, upward=before is not None)
    return _issues(rows, now, upward=before is not None)


def page_at(database: Database, query: IssueQuery, offset: int, limit: int, now: int) -> list[Issue]:
    chosen = filter_of(query, database.dialect)
    rows = _rows(database, query.sort, chosen.where(), chosen.parameters, limit, max(0, offset), upward=False)
    return _issues(rows, now, upward=False)


def last_page(database: Database, query: IssueQuery, limit: int, now: int) -> list[Issue]:
    chosen = filter_of(query, database.dialect)
    rows = _rows(database, query.sort, chosen.where(), chosen.parameters, limit, 0, upward=True)
    return _issues(rows, now, upward=True)


def position(database: Database, query: IssueQuery, issue: Issue) -> int:
    chosen = filter_of(query, database.dialect)
    where = chosen.where(f"({query.sort}, id) > (?, ?)")
    parameters = (*chosen.parameters, *sort_key(issue, query.sort))
    return int(database.read(f"SELECT count(*) FROM issue{where}", parameters)[0][0])


def sort_key(issue: Issue, sort: str) -> tuple[int, int]:
    """Where `issue` stands in the order, as it was when it was read."""
    keys = {
        "last_seen": to_micros(issue.last_seen),
        "first_seen": to_micros(issue.first_seen),
        "count": issue.count,
        "users": issue.users,
    }
    return keys[sort], issue.id


def _rows(
    database: Database, sort: str, where: str, parameters: Sequence[Value], limit: int, offset: int, *, upward: bool
) -> list[Row]:
    order = "ASC" if upward else "DESC"
    return database.read(
        f"SELECT {ISSUE} FROM issue{where} ORDER BY {sort} {order}, id {order} LIMIT ? OFFSET ?",
        (*parameters, max(0, limit), offset),
    )


def _issues(rows: Sequence[Row], now: int, *, upward: bool) -> list[Issue]:
    issues = [to_issue(row, now) for row in rows]
    if upward:
        issues.reverse()
    return issues
