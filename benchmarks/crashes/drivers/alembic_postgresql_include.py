"""Migrations: adds a covering index offline."""
import io

from alembic.migration import MigrationContext
from alembic.operations import Operations


class Migration:
    def __init__(self, dialect):
        self.out = io.StringIO()
        options = {"as_sql": True, "output_buffer": self.out}
        self.operations = Operations(MigrationContext.configure(dialect_name=dialect, opts=options))

    def cover(self, table, columns, more):
        name = "ix_" + table
        self.operations.create_index(name, table, columns, postgresql_include=more)
        return self.out.getvalue()


def main():
    print(Migration("postgresql").cover("orders", ["day"], ["total"]))
