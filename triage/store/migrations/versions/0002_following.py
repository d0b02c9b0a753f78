"""What became of a pull request is kept beside what was pushed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("publication", sa.Column("followed_at", sa.BigInteger(), nullable=True))
    op.add_column("publication", sa.Column("state", sa.Text(), nullable=True))
    op.add_column("publication", sa.Column("following", sa.Text(), nullable=True))
