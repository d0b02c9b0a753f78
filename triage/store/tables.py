"""The store's tables as SQLModel classes: what Alembic compares the migrations with.

Nothing on a hot path imports this module (SQLModel costs a third of a second): reading and
writing go through plain SQL. Times are microseconds since 1970 in UTC; flags are 0 or 1.
SQLite also has the full-text table `issue_text` and the triggers that keep `tally`, PostgreSQL
an index over the words of `search`; those live in the migrations: no model can say them.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Text, text
from sqlmodel import Field, SQLModel

Big = BigInteger().with_variant(Integer(), "sqlite")


def _id() -> Column[int]:
    return Column("id", Big, primary_key=True, autoincrement=True)


def _by(name: str, *columns: str, where: str = "") -> Index:
    condition = text(where) if where else None
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


NARROW = (
    "id", "status", "level", "service", "assignee", "regressed", "covered", "draft", "last_seen", "first_seen",
    "count", "users", "first_release", "seen", "publication",
)  # fmt: skip
"""All that windows filter and sort by, a sixth of a row: a set of issues is sorted without reading the rows."""


class IssueRow(SQLModel, table=True):
    """One issue, with everything the inbox shows denormalised onto it.

    `trend` holds event counts of consecutive buckets, the last of them number `trend_end`.
    `best_*` name the event worth showing first. `search` is the normalised words of the issue.
    Every event moves `last_seen` and `count`: indexes that hold them are few, because each costs
    a page of writing for each issue of a batch.
    """

    __tablename__ = "issue"
    __table_args__ = (
        _by("issue_status_last_seen", "status", "last_seen", "id"),
        _by("issue_status_first_seen", "status", "first_seen", "id"),
        _by("issue_last_seen", "last_seen", "id"),
        _by("issue_first_seen", "first_seen", "id"),
        _by("issue_count", "count", "id", "status"),
        _by("issue_users", "users", "id", "status"),
        _by("issue_level", "level", "status", "id"),
        _by("issue_service", "service", "status", "id"),
        _by("issue_first_release", "first_release", "status", "id"),
        _by("issue_title", "title", "id", "status"),
        _by("issue_unassigned", "id", "status", where="assignee IS NULL"),
        _by("issue_assignee", "assignee", "last_seen", "id", "status", where="assignee IS NOT NULL"),
        _by("issue_regressed", "last_seen", "id", "status", where="regressed = 1"),
        _by("issue_covered", "covered", "last_seen", "id", "status", where="covered IS NOT NULL"),
        _by("issue_drafted", "last_seen", "id", "status", where="draft IS NOT NULL"),
        _by("issue_narrow", *NARROW),
        _by("issue_snoozed", "snoozed_until", where="status = 'snoozed'"),
    )

    id: int = Field(sa_column=Column("id", Big, primary_key=True, autoincrement=False))
    fingerprint: str = Field(sa_type=Text, unique=True)
    title: str = Field(sa_type=Text)
    culprit: str = Field(sa_type=Text)
    level: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    count: int = Field(sa_type=BigInteger)
    users: int = Field(sa_type=BigInteger)
    first_seen: int = Field(sa_type=BigInteger)
    last_seen: int = Field(sa_type=BigInteger)
    first_release: str | None = Field(sa_type=Text)
    last_release: str | None = Field(sa_type=Text)
    service: str | None = Field(sa_type=Text)
    assignee: str | None = Field(sa_type=Text)
    snoozed_until: int | None = Field(sa_type=BigInteger)
    resolved_at: int | None = Field(sa_type=BigInteger)
    resolved_release: str | None = Field(sa_type=Text)
    regressed: int = Field(sa_type=Integer)
    seen: int = Field(sa_type=Integer)
    covered: int | None = Field(sa_type=Integer)
    draft: str | None = Field(sa_type=Text)
    publication: str | None = Field(sa_type=Text)
    trend_end: int = Field(sa_type=BigInteger)
    trend: str = Field(sa_type=Text)
    best_event: int = Field(sa_type=BigInteger)
    best_rank: int = Field(sa_type=Integer)
    best_at: int = Field(sa_type=BigInteger)
    search: str = Field(sa_type=Text)


class EventRow(SQLModel, table=True):
    """What is known of an event without unpacking its payload."""

    __tablename__ = "event"
    __table_args__ = (_by("event_issue", "issue_id", "occurred_at", "id"),)

    id: int = Field(sa_column=Column("id", Big, primary_key=True, autoincrement=False))
    event_id: str = Field(sa_type=Text, unique=True)
    issue_id: int = Field(sa_type=BigInteger)
    kind: str = Field(sa_type=Text)
    occurred_at: int = Field(sa_type=BigInteger)
    release: str | None = Field(sa_type=Text)
    environment: str | None = Field(sa_type=Text)
    source: str = Field(sa_type=Text)


class PayloadRow(SQLModel, table=True):
    """An event's raw bytes, zstd-compressed; apart from `event` so that listing events stays cheap."""

    __tablename__ = "payload"

    id: int = Field(sa_column=Column("id", Big, primary_key=True, autoincrement=False))
    raw: bytes = Field(sa_type=LargeBinary)


class IssueUserRow(SQLModel, table=True):
    """A distinct user of an issue, as a 64-bit hash."""

    __tablename__ = "issue_user"
    __table_args__ = ({"sqlite_with_rowid": False},)

    issue_id: int = Field(sa_column=Column("issue_id", BigInteger, primary_key=True, autoincrement=False))
    user: int = Field(sa_column=Column("user_hash", BigInteger, primary_key=True, autoincrement=False))


class IssueReleaseRow(SQLModel, table=True):
    """How often and when an issue was seen in a release."""

    __tablename__ = "issue_release"
    __table_args__ = (_by("issue_release_issue", "issue_id"), {"sqlite_with_rowid": False})

    release: str = Field(sa_column=Column("release", Text, primary_key=True))
    issue_id: int = Field(sa_column=Column("issue_id", BigInteger, primary_key=True, autoincrement=False))
    count: int = Field(sa_type=BigInteger)
    first_seen: int = Field(sa_type=BigInteger)
    last_seen: int = Field(sa_type=BigInteger)


class ActivityRow(SQLModel, table=True):
    """One line of an issue's history."""

    __tablename__ = "activity"
    __table_args__ = (_by("activity_issue", "issue_id", "id"),)

    id: int | None = Field(sa_column=_id())
    issue_id: int = Field(sa_type=BigInteger)
    at: int = Field(sa_type=BigInteger)
    who: str = Field(sa_type=Text)
    what: str = Field(sa_type=Text)


class ActionRow(SQLModel, table=True):
    """One undoable local action; `undone_at` is set once it was undone."""

    __tablename__ = "action"
    __table_args__ = (_by("action_open", "id", where="undone_at IS NULL"),)

    id: int | None = Field(sa_column=_id())
    at: int = Field(sa_type=BigInteger)
    who: str = Field(sa_type=Text)
    what: str = Field(sa_type=Text)
    undone_at: int | None = Field(sa_type=BigInteger)


class ChangeRow(SQLModel, table=True):
    """What an action changed on one row: the columns before and after, as JSON objects."""

    __tablename__ = "change"
    __table_args__ = ({"sqlite_with_rowid": False},)

    action_id: int = Field(sa_column=Column("action_id", BigInteger, primary_key=True, autoincrement=False))
    target: str = Field(sa_column=Column("target", Text, primary_key=True))
    target_id: int = Field(sa_column=Column("target_id", BigInteger, primary_key=True, autoincrement=False))
    before: str = Field(sa_column=Column("was", Text, nullable=False))
    after: str = Field(sa_column=Column("became", Text, nullable=False))


class DraftRow(SQLModel, table=True):
    """One revision of a drafted test."""

    __tablename__ = "draft"
    __table_args__ = (_by("draft_issue", "issue_id", "id"),)

    id: int | None = Field(sa_column=_id())
    issue_id: int = Field(sa_type=BigInteger)
    strategy: str = Field(sa_type=Text)
    path: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    test_name: str = Field(sa_type=Text)
    created_at: int = Field(sa_type=BigInteger)
    parent: int | None = Field(sa_type=BigInteger)
    entry: str | None = Field(sa_type=Text)
    note: str = Field(sa_type=Text)
    model: str | None = Field(sa_type=Text)
    prompt_hash: str | None = Field(sa_type=Text)
    cost: float | None
    discarded: int = Field(sa_type=Integer)
    stable_runs: int = Field(sa_type=Integer)
    unstable: int = Field(sa_type=Integer)
    seconds: float | None


class RunRow(SQLModel, table=True):
    """One judged run of a draft, before or after the fix."""

    __tablename__ = "run"
    __table_args__ = (_by("run_draft", "draft_id", "side", "id"),)

    id: int | None = Field(sa_column=_id())
    draft_id: int = Field(sa_type=BigInteger)
    side: str = Field(sa_type=Text)
    verdict: str = Field(sa_type=Text)
    why: str = Field(sa_type=Text)
    ref: str = Field(sa_type=Text)
    commit: str = Field(sa_column=Column("commit_id", Text, nullable=False))
    isolation: str = Field(sa_type=Text)
    seconds: float
    at: int = Field(sa_type=BigInteger)
    output: str = Field(sa_type=Text)
    frames_matched: int = Field(sa_type=Integer)
    message_same: int | None = Field(sa_type=Integer)


class PublicationRow(SQLModel, table=True):
    """A pushed branch, and its pull request if there is one. `following` is what the forge said
    of it at `followed_at`, as JSON."""

    __tablename__ = "publication"
    __table_args__ = (Index("publication_branch", "issue_id", "branch", unique=True),)

    id: int | None = Field(sa_column=_id())
    issue_id: int = Field(sa_type=BigInteger)
    draft_id: int = Field(sa_type=BigInteger)
    branch: str = Field(sa_type=Text)
    commit: str = Field(sa_column=Column("commit_id", Text, nullable=False))
    remote: str = Field(sa_type=Text)
    created_at: int = Field(sa_type=BigInteger)
    number: int | None = Field(sa_type=BigInteger)
    url: str | None = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    undone: int = Field(sa_type=Integer)
    followed_at: int | None = Field(sa_type=BigInteger)
    state: str | None = Field(sa_type=Text)
    following: str | None = Field(sa_type=Text)


class RevisionRow(SQLModel, table=True):
    """A single row whose value grows with every change: the live refresh polls it, writers lock it."""

    __tablename__ = "revision"

    id: int = Field(sa_column=Column("id", Integer, primary_key=True, autoincrement=False))
    value: int = Field(sa_type=BigInteger)


class TallyRow(SQLModel, table=True):
    """How many issues there are of each kind the inbox counts; triggers keep it (SQLite only)."""

    __tablename__ = "tally"
    __table_args__ = ({"sqlite_with_rowid": False},)

    status: str = Field(sa_column=Column("status", Text, primary_key=True))
    level: str = Field(sa_column=Column("level", Text, primary_key=True))
    regressed: int = Field(sa_column=Column("regressed", Integer, primary_key=True, autoincrement=False))
    covered: int = Field(sa_column=Column("covered", Integer, primary_key=True, autoincrement=False))
    drafted: int = Field(sa_column=Column("drafted", Integer, primary_key=True, autoincrement=False))
    n: int = Field(sa_type=BigInteger)


class ReportRow(SQLModel, table=True):
    """What a customer said about an issue."""

    __tablename__ = "report"
    __table_args__ = (_by("report_issue", "issue_id", "id"),)

    id: int | None = Field(sa_column=_id())
    issue_id: int = Field(sa_type=BigInteger)
    at: int = Field(sa_type=BigInteger)
    who: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    type: str = Field(sa_type=Text)
    impact: str = Field(sa_type=Text)
    steps: str = Field(sa_type=Text)
    environment: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    removed_at: int | None = Field(sa_type=BigInteger)
