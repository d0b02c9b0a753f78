"""How long a draft took to write, to compare those who write them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("draft", sa.Column("seconds", sa.Float(), nullable=True))
