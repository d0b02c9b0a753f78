"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

KIND = "{row}.status, {row}.level, {row}.regressed, ifnull({row}.covered, -1), {row}.draft IS NOT NULL"
COUNT_IN = """INSERT INTO tally (status, level, regressed, covered, drafted, n)
    VALUES ({new}, 1) ON CONFLICT DO UPDATE SET n = n + 1;"""
COUNT_OUT = """UPDATE tally SET n = n - 1
    WHERE (status, level, regressed, covered, drafted) = ({old});"""

SQLITE = (
    "CREATE VIRTUAL TABLE issue_text USING fts5("
    "search, content='issue', content_rowid='id', detail=none, columnsize=0, tokenize='unicode61')",
    """CREATE TRIGGER issue_inserted AFTER INSERT ON issue BEGIN
    {count_in}
    INSERT INTO issue_text (rowid, search) VALUES (NEW.id, NEW.search);
END""",
    """CREATE TRIGGER issue_deleted AFTER DELETE ON issue BEGIN
    {count_out}
    INSERT INTO issue_text (issue_text, rowid, search) VALUES ('delete', OLD.id, OLD.search);
END""",
    """CREATE TRIGGER issue_changed AFTER UPDATE OF status, level, regressed, covered, draft ON issue
    WHEN ({old}) IS NOT ({new}) BEGIN
    {count_out}
    {count_in}
END""",
    """CREATE TRIGGER issue_reworded AFTER UPDATE OF search ON issue BEGIN
    INSERT INTO issue_text (issue_text, rowid, search) VALUES ('delete', OLD.id, OLD.search);
    INSERT INTO issue_text (rowid, search) VALUES (NEW.id, NEW.search);
END""",
)


def _partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))


def upgrade() -> None:
    _create_tables()
    op.execute("INSERT INTO revision (id, value) VALUES (1, 0)")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE INDEX issue_search ON issue USING gin (to_tsvector('simple', search))")
        return
    old, new = KIND.format(row="OLD"), KIND.format(row="NEW")
    count_in, count_out = COUNT_IN.format(new=new), COUNT_OUT.format(old=old)
    for statement in SQLITE:
        op.get_bind().exec_driver_sql(statement.format(old=old, new=new, count_in=count_in, count_out=count_out))


def _create_tables() -> None:
    op.create_table(
        "action",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    _partial_index("action_open", "action", ["id"], "undone_at IS NULL")
    op.create_table(
        "activity",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("issue_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("activity_issue", "activity", ["issue_id", "id"])
    op.create_table(
        "change",
        sa.Column("action_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("became", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("action_id", "target", "target_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "draft",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("issue_id", sa.BigInteger(), nullable=False),
        sa.Column("strategy", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("test_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("parent", sa.BigInteger(), nullable=True),
        sa.Column("entry", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("prompt_hash", sa.Text(), nullable=True),
        sa.Column("cost", sa.Float(), nullable=True),
        sa.Column("discarded", sa.Integer(), nullable=False),
        sa.Column("stable_runs", sa.Integer(), nullable=False),
        sa.Column("unstable", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("draft_issue", "draft", ["issue_id", "id"])
    op.create_table(
        "event",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("issue_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("release", sa.Text(), nullable=True),
        sa.Column("environment", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id"),
    )
    op.create_index("event_issue", "event", ["issue_id", "occurred_at", "id"])
    op.create_table(
        "issue",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("culprit", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("users", sa.BigInteger(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("first_release", sa.Text(), nullable=True),
        sa.Column("last_release", sa.Text(), nullable=True),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("snoozed_until", sa.BigInteger(), nullable=True),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("resolved_release", sa.Text(), nullable=True),
        sa.Column("regressed", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("covered", sa.Integer(), nullable=True),
        sa.Column("draft", sa.Text(), nullable=True),
        sa.Column("publication", sa.Text(), nullable=True),
        sa.Column("trend_end", sa.BigInteger(), nullable=False),
        sa.Column("trend", sa.Text(), nullable=False),
        sa.Column("best_event", sa.BigInteger(), nullable=False),
        sa.Column("best_rank", sa.Integer(), nullable=False),
        sa.Column("best_at", sa.BigInteger(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("fingerprint"),
    )
    _partial_index("issue_assignee", "issue", ["assignee", "last_seen", "id", "status"], "assignee IS NOT NULL")
    op.create_index("issue_count", "issue", ["count", "id", "status"])
    _partial_index("issue_covered", "issue", ["covered", "last_seen", "id", "status"], "covered IS NOT NULL")
    _partial_index("issue_drafted", "issue", ["last_seen", "id", "status"], "draft IS NOT NULL")
    op.create_index("issue_first_seen", "issue", ["first_seen", "id"])
    op.create_index("issue_last_seen", "issue", ["last_seen", "id"])
    op.create_index("issue_level", "issue", ["level", "status", "id"])
    _partial_index("issue_regressed", "issue", ["last_seen", "id", "status"], "regressed = 1")
    _partial_index("issue_service", "issue", ["service", "status", "id"], "service IS NOT NULL")
    filtered = ["status", "level", "service", "assignee", "regressed", "covered", "draft"]
    sorted_by = ["last_seen", "first_seen", "count", "users"]
    op.create_index("issue_narrow", "issue", ["id", *filtered, *sorted_by])
    _partial_index("issue_snoozed", "issue", ["snoozed_until"], "status = 'snoozed'")
    op.create_index("issue_status_first_seen", "issue", ["status", "first_seen", "id"])
    op.create_index("issue_status_last_seen", "issue", ["status", "last_seen", "id"])
    op.create_index("issue_users", "issue", ["users", "id", "status"])
    op.create_table(
        "issue_release",
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("issue_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("release", "issue_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "issue_user",
        sa.Column("issue_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("issue_id", "user_hash"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "payload",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "publication",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("issue_id", sa.BigInteger(), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("commit_id", sa.Text(), nullable=False),
        sa.Column("remote", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("undone", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("publication_branch", "publication", ["issue_id", "branch"], unique=True)
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "run",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("commit_id", sa.Text(), nullable=False),
        sa.Column("isolation", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("frames_matched", sa.Integer(), nullable=False),
        sa.Column("message_same", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("run_draft", "run", ["draft_id", "side", "id"])
    op.create_table(
        "tally",
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("regressed", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("covered", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("drafted", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("status", "level", "regressed", "covered", "drafted"),
        sqlite_with_rowid=False,
    )
