"""Issues can be grouped by service and first release, sorted by title, and be nobody's."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NARROW = (
    "id", "status", "level", "service", "assignee", "regressed", "covered", "draft", "last_seen", "first_seen",
    "count", "users", "first_release", "seen", "publication",
)  # fmt: skip


def upgrade() -> None:
    op.drop_index("issue_service", "issue")
    op.create_index("issue_service", "issue", ["service", "status", "id"])
    op.create_index("issue_first_release", "issue", ["first_release", "status", "id"])
    nobody = sa.text("assignee IS NULL")
    op.create_index("issue_unassigned", "issue", ["id", "status"], sqlite_where=nobody, postgresql_where=nobody)
    op.drop_index("issue_narrow", "issue")
    op.create_index("issue_narrow", "issue", list(NARROW))
    if op.get_bind().dialect.name == "sqlite":
        # PostgreSQL takes no more than 2,704 bytes into an index; it sorts titles when asked.
        op.create_index("issue_title", "issue", ["title", "id", "status"])
