"""Runs the migrations on the connection that `triage.store.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

import triage.store.tables  # noqa: F401  (fills the metadata)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
