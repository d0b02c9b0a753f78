"""Creates a store, brings an old one up to date, and refuses one that is newer than the program."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from triage.errors import Refused, Unavailable
from triage.store.revisions import HEAD, REVISIONS
from triage.store.sqlite import SqliteDatabase, damaged

if TYPE_CHECKING:
    from sqlalchemy import Connection

MIGRATIONS = Path(__file__).with_name("migrations")
SCHEMA = Path(__file__).with_name("schema.sql")
"""What all migrations together leave in a new SQLite file; a test holds that it is so."""


OLDEST_SQLITE = (3, 35, 0)
"""The first with RETURNING."""
HEADER = b"SQLite format 3\x00"
SMALLEST = 4_096
"""Bytes of the smallest database there is: one page of ours."""


def open_sqlite(path: Path) -> SqliteDatabase:
    """The store at `path`, created or migrated where needed.

    Raises Refused for a newer store or a file that is something else, Unavailable when it
    cannot be opened.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        detail = f"Python here has SQLite {sqlite3.sqlite_version}"
        raise Unavailable(
            "SQLite is too old", detail, f"use a Python with {'.'.join(map(str, OLDEST_SQLITE))} or later"
        )
    if not path.exists():
        _create_file(path)
    _check_header(path)
    database = SqliteDatabase(path)
    try:
        if _revision(database) != HEAD:
            with _alone(path):
                _bring_up(database, _revision(database))
    except BaseException:
        database.close()
        raise
    return database


def _create_file(path: Path) -> None:
    """An empty file that only its owner reads: events hold what production holds."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise Unavailable("the store cannot be created", str(error), "name another with --store") from error


def _check_header(path: Path) -> None:
    """SQLite takes a file that was cut off within its first page for an empty one."""
    if not path.is_file():
        return
    try:
        with path.open("rb") as file:
            start = file.read(len(HEADER))
    except OSError as error:
        raise Unavailable("the store cannot be opened", str(error), "name another with --store") from error
    if start and (start != HEADER or path.stat().st_size < SMALLEST):
        raise damaged(path, "the file is not a database, or the rest of it is missing")


def upgrade(connection: "Connection") -> None:
    """Run Alembic up to HEAD on a SQLAlchemy connection; the caller commits."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def check_known(revision: str, where: str) -> None:
    """Raises Refused unless `revision` is one this program knows."""
    if revision not in REVISIONS:
        detail = f"{where} has schema {revision}, this program knows up to {HEAD}"
        raise Refused("the store is newer than this program", detail, "upgrade triage, or name another with --store")


def _revision(database: SqliteDatabase) -> str | None:
    """The schema's revision; None for an empty file."""
    tables = {str(name) for (name,) in database.read("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return None
    if "alembic_version" not in tables or "issue" not in tables:
        detail = f"{database.path} is a database of another program"
        raise Refused("this is not a triage store", detail, "name another with --store")
    revision = str(database.read("SELECT version_num FROM alembic_version")[0][0])
    check_known(revision, str(database.path))
    return revision


def _bring_up(database: SqliteDatabase, revision: str | None) -> None:
    if revision == HEAD:
        return
    if revision is None:
        with database.write() as transaction:
            for statement in SCHEMA.read_text(encoding="utf-8").split(";\n--\n"):
                transaction.run(statement)
        return
    migrate_file(database.path)


def migrate_file(path: Path) -> None:
    """Run the migrations on a SQLite file in one transaction: all of them or none."""
    import sqlalchemy as sa

    engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(path, isolation_level=None, timeout=15))
    # sqlite3 would commit before DDL; this way the whole upgrade is one transaction.
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            upgrade(connection)
    finally:
        engine.dispose()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keeps other starters out while this one creates or migrates; freed even when we are killed."""
    try:
        handle = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable("the store cannot be created", str(error), "name another with --store") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def dump_schema(path: Path) -> str:
    """The statements that make an empty file the same as the one at `path`."""
    with sqlite3.connect(path) as connection:
        found = connection.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
            " AND name NOT LIKE 'issue_text_%' ORDER BY rowid"
        ).fetchall()
    statements = [str(sql) for (sql,) in found]
    statements += [
        "INSERT INTO revision (id, value) VALUES (1, 0)",
        f"INSERT INTO alembic_version (version_num) VALUES ('{HEAD}')",
    ]
    return ";\n--\n".join(statements) + "\n"


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        migrate_file(Path(folder, "new.db"))
        SCHEMA.write_text(dump_schema(Path(folder, "new.db")), encoding="utf-8")
