"""A query's conditions, one by one: what each says in SQL and where the issues it names can be found."""

from collections.abc import Sequence
from dataclasses import dataclass

from triage.domain.issue import NONE, SORTS, Issue, IssueQuery, Status, field_of
from triage.errors import UsageError
from triage.store.database import Value
from triage.store.rows import to_micros
from triage.store.words import words

COLUMNS = ("status", "level", "service", "assignee", "first_release")
"""The filters whose values stand in a column of their own."""
ORDERED = ("assignee",)
"""The filters whose index also holds the order of last_seen."""


@dataclass(frozen=True, slots=True)
class Term:
    """One condition on `issue`.

    `index` is SQLite's index that holds just these issues, ordered by last_seen. `members` is a
    query for the ids (as `k`) of these issues, where there is a way to them without reading all;
    it takes `member_parameters`, and ` AND status = ?` may be added where `members_by_status`.
    Integers stand in the text: partial indexes need them there.
    """

    name: str
    sql: str
    parameters: tuple[Value, ...] = ()
    index: str | None = None
    members: str | None = None
    member_parameters: tuple[Value, ...] = ()
    members_by_status: bool = False

    def members_with(self, status: str | None) -> tuple[str, list[Value]]:
        """`members` and its parameters, narrowed to a status where its index can tell."""
        if status is None or not self.members_by_status:
            return self.members or "", list(self.member_parameters)
        return f"{self.members} AND status = ?", [*self.member_parameters, status]


NOTHING = Term("nothing", "1 = 0")


def terms_of(query: IssueQuery, dialect: str) -> list[Term]:
    """The conditions of `query` but its status, those that usually name the fewest issues first.

    Raises UsageError for a sort that is not offered, or a filter that does not exist.
    """
    if query.sort not in SORTS:
        raise UsageError(f"cannot sort by {query.sort}", "", f"one of: {', '.join(SORTS)}")
    terms: list[Term] = []
    if query.has_draft is not None:
        terms.append(_flag("has_draft", "draft IS NOT NULL" if query.has_draft else "draft IS NULL", query.has_draft))
    if query.published is not None:
        terms.append(Term("published", f"publication IS {'NOT ' if query.published else ''}NULL"))
    if query.regressed is not None:
        terms.append(_flag("regressed", f"regressed = {int(query.regressed)}", query.regressed))
    if query.assignee is not None:
        terms.append(_equal("assignee", query.assignee))
    if query.text.strip():
        terms.append(_text(words(query.text), dialect))
    if query.release is not None:
        terms.append(_released((query.release,)))
    if query.first_release is not None:
        terms.append(_equal("first_release", query.first_release))
    if query.covered is not None:
        sql = f"covered = {int(query.covered)}"
        terms.append(_indexed("covered", sql, (), "issue_covered", ordered=True))
    if query.service is not None:
        terms.append(_equal("service", query.service))
    if query.level is not None:
        terms.append(_equal("level", query.level))
    terms += [_among(name, values) for name, values in query.among]
    terms += [_excluded(name, values) for name, values in query.excluded]
    if query.seen is not None:
        terms.append(Term("seen", f"seen = {int(query.seen)}"))
    return terms


def status_of(query: IssueQuery) -> str | None:
    """The status word that a query asks for. Raises UsageError for one that is none."""
    if query.status is None:
        return None
    try:
        return Status(query.status).value
    except ValueError as error:
        raise UsageError(f"no status {query.status}", "", f"one of: {', '.join(Status)}") from error


def group_column(group: str) -> str:
    """The column that a member of GROUPS goes by. Raises UsageError for another word."""
    try:
        return field_of(group)
    except KeyError as error:
        raise UsageError(f"cannot group by {group}", "", "one of: service, release, owner, level") from error


def sort_key(issue: Issue, sort: str) -> tuple[int | str, int]:
    """Where `issue` stands in the order, as it was when it was read."""
    keys: dict[str, int | str] = {
        "last_seen": to_micros(issue.last_seen),
        "first_seen": to_micros(issue.first_seen),
        "count": issue.count,
        "users": issue.users,
        "title": issue.title,
    }
    return keys[sort], issue.id


def is_rising(sort: str) -> bool:
    """Whether a sort has its smallest first: titles; all else has the largest first."""
    return sort == "title"


def _flag(name: str, sql: str, indexed: bool) -> Term:
    if not indexed:
        return Term(name, sql)
    index = "issue_drafted" if name == "has_draft" else f"issue_{name}"
    return _indexed(name, sql, (), index, ordered=True)


def _equal(column: str, value: str) -> Term:
    if value == NONE:
        sql = f"{column} IS NULL"
        if column == "assignee":
            return _indexed(column, sql, (), "issue_unassigned", ordered=False)
        return _indexed(column, sql, (), f"issue_{column}", ordered=False)
    return _indexed(column, f"{column} = ?", (value,), f"issue_{column}", ordered=column in ORDERED)


def _indexed(name: str, sql: str, parameters: tuple[Value, ...], index: str, *, ordered: bool) -> Term:
    members = f"SELECT id AS k FROM issue INDEXED BY {index} WHERE {sql}"
    return Term(name, sql, parameters, index if ordered else None, members, parameters, members_by_status=True)


def _released(releases: Sequence[str]) -> Term:
    """Issues with an event of one of these releases."""
    marks = ", ".join("?" * len(releases))
    test = f"= {marks}" if len(releases) == 1 else f"IN ({marks})"
    members = f"SELECT {'DISTINCT ' if len(releases) > 1 else ''}issue_id AS k FROM issue_release WHERE release {test}"
    sql = f"EXISTS (SELECT 1 FROM issue_release r WHERE r.release {test} AND r.issue_id = issue.id)"
    given = tuple(releases)
    return Term("release", sql, given, None, members, given)


def _among(name: str, values: tuple[str, ...]) -> Term:
    if not values:
        return NOTHING
    if name == "release":
        return _released(values)
    _check(name)
    named = tuple(value for value in values if value != NONE)
    test = f"{name} IN ({', '.join('?' * len(named))})" if named else ""
    if len(named) < len(values):
        return Term(f"among {name}", f"({test} OR {name} IS NULL)" if test else f"{name} IS NULL", named)
    if name == "status":
        return Term("among status", test, named)
    return Term(f"among {name}", test, named, None, f"SELECT id AS k FROM issue WHERE {test}", named)


def _excluded(name: str, values: tuple[str, ...]) -> Term:
    if name == "release":
        inner = _released(values)
        return Term("not release", f"NOT {inner.sql}", inner.parameters)
    _check(name)
    named = tuple(value for value in values if value != NONE)
    tests = [f"{name} IS NOT NULL"] if len(named) < len(values) else []
    if named:
        without = f"{name} NOT IN ({', '.join('?' * len(named))})"
        tests.append(without if tests else f"({name} IS NULL OR {without})")
    return Term(f"not {name}", " AND ".join(tests) or "1 = 1", named)


def _check(name: str) -> None:
    if name not in COLUMNS:
        raise UsageError(f"cannot filter by {name}", "", f"one of: {', '.join((*COLUMNS, 'release'))}")


def _text(sought: list[str], dialect: str) -> Term:
    """Every word is the beginning of one of the issue's words."""
    if not sought:
        return NOTHING
    if dialect != "sqlite":
        expression = " & ".join(f"{word}:*" for word in sought)
        return Term("text", "to_tsvector('simple', search) @@ to_tsquery('simple', ?)", (expression,))
    expression = " AND ".join(f'"{word}"*' for word in sought)
    members = "SELECT rowid AS k FROM issue_text WHERE issue_text MATCH ?"
    # The stored text is words with single spaces, so that a row can be tested by itself as well.
    sql = " AND ".join("instr(' ' || search, ?) > 0" for _ in sought)
    return Term("text", sql, tuple(f" {word}" for word in sought), None, members, (expression,))
