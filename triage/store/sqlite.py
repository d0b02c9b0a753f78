"""SQLite through the standard library: one connection a thread, WAL, errors with a way out."""

import os
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from triage.errors import TriageError, Unavailable
from triage.store.checkpoint import Checkpointer
from triage.store.database import Row, Value, storable

BUSY_SECONDS = 15.0
READER_CACHE = 8_000
WRITER_CACHE = 32_000
"""Pages kept by each connection, in kB; one that stores events touches pages all over the file."""
BULK_WAL = 16_000
"""Pages in the WAL at which a writer of many small commits helps its checkpointer."""


class _Connection:
    """A thread's connection; closed when the thread is gone or the database is closed."""

    listing = "SELECT value FROM json_each(?)"

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw
        self.bulk = False

    def __del__(self) -> None:
        self.raw.close()

    def execute(self, sql: str, parameters: Sequence[Value] = ()) -> sqlite3.Cursor:
        try:
            return self.raw.execute(sql, parameters)
        except UnicodeEncodeError:
            return self.raw.execute(sql, storable(parameters))

    def read(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]:
        return self.execute(sql, parameters).fetchall()

    def run(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        return self.execute(sql, parameters).rowcount

    def run_many(self, sql: str, rows: Iterable[Sequence[Value]]) -> int:
        return self.raw.executemany(sql, rows).rowcount


class SqliteDatabase:
    """The file at `path`, which must exist (an empty one will do).

    Raises TriageError (from any method) when the file cannot be read or written, is damaged,
    is locked for longer than BUSY_SECONDS, or the disk is full.
    """

    dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read_only = not os.access(path, os.W_OK)
        self._local = threading.local()
        self._open: weakref.WeakSet[_Connection] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._closed = False
        self._checkpointer = Checkpointer(self._connect)

    def hint(self, index: str) -> str:
        return f" INDEXED BY {index}"

    def read(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]:
        try:
            return self._connection().read(sql, parameters)
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    @contextmanager
    def write(self, bulk: bool = False) -> Iterator[_Connection]:
        try:
            connection = self._connection()
            if bulk and not connection.bulk:
                connection.raw.execute(f"PRAGMA cache_size=-{WRITER_CACHE}")
                connection.raw.execute(f"PRAGMA wal_autocheckpoint={BULK_WAL}")
                connection.bulk = True
            connection.raw.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise explain(error, self.path) from error
        try:
            yield connection
            connection.raw.execute("COMMIT")
        except BaseException as error:
            if connection.raw.in_transaction:
                connection.raw.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise explain(error, self.path) from error
            raise
        if bulk:
            self._checkpointer.nudge()

    def close(self) -> None:
        self._checkpointer.close()
        with self._lock:
            self._closed = True
            for connection in list(self._open):
                connection.raw.close()

    def _connection(self) -> _Connection:
        existing: _Connection | None = getattr(self._local, "connection", None)
        if existing is not None and not self._closed:
            return existing
        with self._lock:
            if self._closed:
                raise Unavailable("the store is closed", str(self.path), "open it again")
            connection = _Connection(self._connect())
            self._open.add(connection)
        self._local.connection = connection
        return connection

    def _connect(self) -> sqlite3.Connection:
        uri = f"file:{quote(str(self.path))}"
        if self.read_only:
            return self._connect_read_only(uri)
        connection = _raw(f"{uri}?mode=rw")
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA journal_size_limit=67108864")
            connection.execute("PRAGMA wal_autocheckpoint=4000")
            return _tuned(connection)
        except BaseException:
            connection.close()
            raise

    def _connect_read_only(self, uri: str) -> sqlite3.Connection:
        connection = _raw(f"{uri}?mode=ro")
        try:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except sqlite3.Error:
            # A WAL file needs a writable folder for its shared memory; nobody can write here.
            connection.close()
            connection = _raw(f"{uri}?mode=ro&immutable=1")
        return _tuned(connection)


def _tuned(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.execute(f"PRAGMA cache_size=-{READER_CACHE}")
    return connection


def _raw(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(
        uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
    )


def damaged(path: Path, detail: str) -> TriageError:
    """What to say of a file whose content makes no sense."""
    hint = "move the file away (triage starts a new one) or put a backup in its place"
    return Unavailable("the store is damaged", f"{path}: {detail}", hint)


def explain(error: sqlite3.Error, path: Path) -> TriageError:
    """The same failure in words a user can act on."""
    text = str(error)
    if "decode to UTF-8" in text:
        return damaged(path, text)
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR) or "too large" in text:
        return Unavailable("the store cannot be written: no room", f"{path}: {text}", "free disk space, then repeat")
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return damaged(path, text)
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Unavailable("the store is busy", f"{path}: {text}", "another process is writing to it: try again")
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return Unavailable(
            "the store is read-only", f"{path}: {text}", "make file and folder writable, or --store elsewhere"
        )
    if primary == sqlite3.SQLITE_CANTOPEN:
        hint = "check that the folder exists and is writable, or name another with --store"
        return Unavailable("the store cannot be opened", f"{path}: {text}", hint)
    return Unavailable("the store does not answer", f"{path}: {text}", "run `triage doctor`")
