"""What the store needs of a database: reads, and write transactions that come one at a time."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

Row: TypeAlias = tuple[Any, ...]
"""One row as the driver hands it over; the modules that read name and type its columns."""

Value: TypeAlias = int | float | str | bytes | None


def storable(parameters: Sequence[Value]) -> tuple[Value, ...]:
    """The same parameters with what no database takes (NUL, lone surrogates) replaced."""
    return tuple(
        value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value
        for value in parameters
    )


class Transaction(Protocol):
    """A write transaction. Statements use `?` for parameters on every backend."""

    listing: str
    """A subquery for `IN (...)` whose one parameter is a JSON array of strings."""

    def read(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]:
        """All rows of a query, or of a statement with RETURNING."""
        ...

    def run(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        """Execute a statement; the number of rows it touched."""
        ...

    def run_many(self, sql: str, rows: Iterable[Sequence[Value]]) -> int:
        """Execute a statement for each row of parameters; the number of rows touched in all."""
        ...


class Database(Protocol):
    """A connection for each thread that asks. Every failure is raised as a TriageError."""

    dialect: str
    read_only: bool

    def hint(self, index: str) -> str:
        """What to put behind a table's name so that `index` is used; "" where that is not needed."""
        ...

    def read(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]:
        """All rows of a query, outside any transaction."""
        ...

    def write(self, bulk: bool = False) -> AbstractContextManager[Transaction]:
        """A transaction that no other writer overlaps: committed when the block ends, rolled
        back when it raises. `bulk`: one of many that follow each other closely."""
        ...

    def close(self) -> None:
        """Close all connections; further calls fail."""
        ...
