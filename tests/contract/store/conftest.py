"""The backends that every store test runs on: SQLite, and a PostgreSQL server of our own if there is one."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from triage.domain.incoming import IncomingEvent, Kind
from triage.store import Store, open_store

START = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)

Arrival = Callable[..., IncomingEvent]
Opener = Callable[[], Store]


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def arrival(clock: Clock) -> Arrival:
    """Makes events: a new id each, now, of the issue `fingerprint`."""
    number = 0

    def make(fingerprint: str = "f", **fields: object) -> IncomingEvent:
        nonlocal number
        number += 1
        values: dict[str, object] = {
            "event_id": f"event-{number}",
            "fingerprint": fingerprint,
            "kind": Kind.SDK,
            "raw": b'{"number": %d}' % number,
            "title": f"KeyError: {fingerprint}",
            "culprit": "shop/cart.py in add_item",
            "level": "error",
            "occurred_at": clock.now,
        }
        return IncomingEvent(**{**values, **fields})  # type: ignore[arg-type]

    return make


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _as_user(name: str) -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    return ["runuser", "-u", name, "--"]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL (without the database's name) of a server on a Unix socket, gone after the tests."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed")
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    try:
        account = pwd.getpwnam(user)
    except KeyError:
        pytest.skip("root, and no postgres account to run a server with")
    folder = Path(tempfile.mkdtemp(prefix="triage-pg-"))
    os.chown(folder, account.pw_uid, account.pw_gid)
    run = _as_user(user)

    def call(*command: str) -> None:
        done = subprocess.run([*run, *command], capture_output=True, text=True, cwd="/", timeout=120)
        if done.returncode:
            pytest.skip(f"PostgreSQL does not start here: {(done.stderr or done.stdout)[-300:]}")

    try:
        call(str(binaries / "initdb"), "-D", str(folder / "data"), "-A", "trust", "-U", user, "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -h '' -c fsync=off -c max_connections=60"
        log = str(folder / "log")
        call(str(binaries / "pg_ctl"), "-D", str(folder / "data"), "-l", log, "-w", "-o", options, "start")
        try:
            yield f"postgresql://{user}@/%s?host={folder}"
        finally:
            call(str(binaries / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


TABLES = (
    "action, activity, change, draft, event, issue, issue_release, issue_user, payload, publication, report,"
    " revision, run"
)


@pytest.fixture(scope="session")
def postgres_url(postgres_server: str) -> str:
    """A migrated database that each test finds empty."""
    import psycopg

    with psycopg.connect(postgres_server % "postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE triage")
    open_store(postgres_server % "triage").close()
    return postgres_server % "triage"


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store of each backend."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    import psycopg

    url: str = request.getfixturevalue("postgres_url")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"TRUNCATE {TABLES} RESTART IDENTITY")
        connection.execute("INSERT INTO revision (id, value) VALUES (1, 0)")
    return url


@pytest.fixture
def open_again(store_url: str, clock: Clock) -> Iterator[Opener]:
    """Opens the same store once more, as another process would."""
    opened: list[Store] = []

    def again() -> Store:
        opened.append(open_store(store_url, clock, "ana"))
        return opened[-1]

    yield again
    for store in opened:
        store.close()


@pytest.fixture
def store(open_again: Opener) -> Store:
    return open_again()
