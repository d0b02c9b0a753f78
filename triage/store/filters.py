"""A query's conditions, one by one: what each says in SQL and where the issues it names can be found."""

from dataclasses import dataclass

from triage.domain.issue import SORTS, Issue, IssueQuery, Status
from triage.errors import UsageError
from triage.store.database import Value
from triage.store.rows import to_micros
from triage.store.words import words


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

    Raises UsageError for a sort that is not offered.
    """
    if query.sort not in SORTS:
        raise UsageError(f"cannot sort by {query.sort}", "", f"one of: {', '.join(SORTS)}")
    terms: list[Term] = []
    if query.has_draft is not None:
        terms.append(_flag("has_draft", "draft IS NOT NULL" if query.has_draft else "draft IS NULL", query.has_draft))
    if query.regressed is not None:
        terms.append(_flag("regressed", f"regressed = {int(query.regressed)}", query.regressed))
    if query.assignee is not None:
        terms.append(_equal("assignee", query.assignee))
    if query.text.strip():
        terms.append(_text(words(query.text), dialect))
    if query.release is not None:
        members = "SELECT issue_id AS k FROM issue_release WHERE release = ?"
        sql = "EXISTS (SELECT 1 FROM issue_release r WHERE r.release = ? AND r.issue_id = issue.id)"
        terms.append(Term("release", sql, (query.release,), None, members, (query.release,)))
    if query.covered is not None:
        sql = f"covered = {int(query.covered)}"
        terms.append(_indexed("covered", sql, (), "issue_covered", ordered=True))
    if query.service is not None:
        terms.append(_equal("service", query.service))
    if query.level is not None:
        terms.append(_equal("level", query.level))
    return terms


def status_of(query: IssueQuery) -> str | None:
    """The status word that a query asks for. Raises UsageError for one that is none."""
    if query.status is None:
        return None
    try:
        return Status(query.status).value
    except ValueError as error:
        raise UsageError(f"no status {query.status}", "", f"one of: {', '.join(Status)}") from error


def sort_key(issue: Issue, sort: str) -> tuple[int, int]:
    """Where `issue` stands in the order, as it was when it was read."""
    keys = {
        "last_seen": to_micros(issue.last_seen),
        "first_seen": to_micros(issue.first_seen),
        "count": issue.count,
        "users": issue.users,
    }
    return keys[sort], issue.id


def _flag(name: str, sql: str, indexed: bool) -> Term:
    if not indexed:
        return Term(name, sql)
    index = "issue_drafted" if name == "has_draft" else f"issue_{name}"
    return _indexed(name, sql, (), index, ordered=True)


def _equal(column: str, value: str) -> Term:
    return _indexed(column, f"{column} = ?", (value,), f"issue_{column}", ordered=column == "assignee")


def _indexed(name: str, sql: str, parameters: tuple[Value, ...], index: str, *, ordered: bool) -> Term:
    members = f"SELECT id AS k FROM issue INDEXED BY {index} WHERE {sql}"
    return Term(name, sql, parameters, index if ordered else None, members, parameters, members_by_status=True)


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
