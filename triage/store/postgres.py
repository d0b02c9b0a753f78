"""PostgreSQL behind the same store: SQLAlchemy's pool and psycopg, loaded only when asked for."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from triage.errors import Refused, TriageError, Unavailable, UsageError
from triage.store.database import Row, Value, storable
from triage.store.migrate import check_known, upgrade
from triage.store.revisions import HEAD

WRITER_LOCK = 7_470_652_181
"""Number of the advisory lock that lets one writer in at a time, as SQLite does by itself."""
CONNECT_SECONDS = 10


class _PostgresTransaction:
    """Statements inside one transaction."""

    listing = "SELECT jsonb_array_elements_text(CAST(? AS jsonb))"

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def read(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]:
        return [tuple(row) for row in self._connection.exec_driver_sql(_translated(sql), storable(parameters))]

    def run(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        return self._connection.exec_driver_sql(_translated(sql), storable(parameters)).rowcount

    def run_many(self, sql: str, rows: Iterable[Sequence[Value]]) -> int:
        given = [storable(row) for row in rows]
        return self._connection.exec_driver_sql(_translated(sql), given).rowcount if given else 0


class PostgresDatabase:
    """A pool of connections to one PostgreSQL database; any thread may use it."""

    dialect = "postgresql"
    read_only = False

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._reader = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._where = engine.url.render_as_string(hide_password=True)
        self._closed = False

    def hint(self, index: str) -> str:
        return ""

    def read(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]:
        with self._explained(), self._reader.connect() as connection:
            return _PostgresTransaction(connection).read(sql, parameters)

    @contextmanager
    def write(self, bulk: bool = False) -> Iterator[_PostgresTransaction]:
        with self._explained(), self._engine.begin() as connection:
            transaction = _PostgresTransaction(connection)
            transaction.read("SELECT pg_advisory_xact_lock(?)", (WRITER_LOCK,))
            yield transaction

    def close(self) -> None:
        self._closed = True
        self._engine.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        if self._closed:
            raise Unavailable("the store is closed", self._where, "open it again")
        try:
            yield
        except SQLAlchemyError as error:
            raise explain(error, self._where) from error

    def bring_up(self) -> None:
        """Create or migrate the tables, one starter at a time. Raises Refused for a newer store."""
        with self._explained():
            with self._engine.connect() as connection:
                if _revision(connection, self._where) == HEAD:
                    return
            with self._engine.begin() as connection:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
                if _revision(connection, self._where) != HEAD:
                    upgrade(connection)


def open_postgres(url: str) -> PostgresDatabase:
    """The store in the PostgreSQL database at `url`, created or migrated where needed.

    Raises UsageError for a URL that is none, Refused for a newer store or somebody else's
    tables, Unavailable when the server does not serve.
    """
    try:
        parsed = sa.make_url(url).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError) as error:
        raise UsageError("this is not a PostgreSQL URL", str(error), "use postgresql://user@host/name") from error
    engine = sa.create_engine(
        parsed, pool_size=5, max_overflow=20, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_SECONDS}
    )
    database = PostgresDatabase(engine)
    try:
        database.bring_up()
    except BaseException:
        database.close()
        raise
    return database


def _revision(connection: sa.Connection, where: str) -> str | None:
    """The schema's revision; None when there are no tables of ours yet."""
    names = set(sa.inspect(connection).get_table_names())
    if "alembic_version" not in names or "issue" not in names:
        if names & {"alembic_version", "issue", "event", "draft"}:
            raise Refused("this is not a triage store", f"{where} holds other tables", "name another database")
        return None
    revision = str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())
    check_known(revision, where)
    return revision


def explain(error: SQLAlchemyError, where: str) -> TriageError:
    """The same failure in words a user can act on; never with the password."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    lines = str(cause).strip().splitlines() or [type(cause).__name__]
    detail = f"{where}: {lines[0]}"
    if isinstance(cause, psycopg.errors.DiskFull):
        return Unavailable("the store cannot be written: no room", detail, "free disk space on the server, then repeat")
    if isinstance(cause, psycopg.errors.ReadOnlySqlTransaction | psycopg.errors.InsufficientPrivilege):
        return Unavailable("the store is read-only", detail, "use a role that may write")
    return Unavailable("the store does not answer", detail, "check server, role and database, or use a SQLite store")


@lru_cache(maxsize=256)
def _translated(sql: str) -> str:
    """`?` is the parameter of our statements, `%s` psycopg's."""
    return sql.replace("%", "%%").replace("?", "%s")
