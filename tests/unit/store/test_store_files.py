"""What can be wrong with a store's file, and what the user is told then."""

import os
import random
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from triage.domain.incoming import IncomingEvent, Kind
from triage.domain.issue import IssueQuery
from triage.errors import Refused, TriageError, Unavailable, UsageError
from triage.store import Store, open_store, sqlite


def arrival(number: int, raw: bytes = b"{}") -> IncomingEvent:
    return IncomingEvent(
        f"e{number}", f"f{number % 5}", Kind.SDK, raw, "KeyError: x", "a in b", "error", datetime.now(UTC)
    )


def filled(path: Path, events: int = 10) -> Store:
    store = open_store(str(path))
    store.add_events([arrival(number, random.randbytes(2_000)) for number in range(events)])
    return store


def test_a_store_is_made_with_its_folder(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new folder/100%?#/store.db"
    store = open_store(url)
    assert store.count(IssueQuery()) == 0
    store.close()
    assert (tmp_path / "new folder" / "100%?#" / "store.db").exists()


def test_only_the_owner_reads_a_store(tmp_path: Path) -> None:
    store = filled(tmp_path / "store.db")
    files = list(tmp_path.iterdir())
    assert {file.name for file in files} == {"store.db", "store.db-wal", "store.db-shm", "store.db.lock"}
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    store.close()


@pytest.mark.parametrize("url", ["mysql://host/x", "sqlite://", "sqlite:///:memory:", ":memory:", ""])
def test_a_url_that_is_no_store_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError):
        open_store(url)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"this is a text file, not a database\n" * 500)
    with pytest.raises(Unavailable, match="damaged") as caught:
        open_store(str(path))
    assert str(path) in caught.value.detail
    assert caught.value.hint


def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(TriageError) as caught:
        open_store(str(tmp_path))
    assert caught.value.hint


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="cannot be"):
        open_store(str(tmp_path / "file" / "store.db"))


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE notes (text)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(Refused, match="not a triage store"):
        open_store(str(path))
    assert path.read_bytes()[100:] == before[100:]


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    filled(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(Refused, match="newer") as caught:
        open_store(str(path))
    assert "9999" in caught.value.detail
    assert "upgrade triage" in caught.value.hint


def test_damage_anywhere_is_one_clear_error(tmp_path: Path) -> None:
    """Whatever is overwritten, the answer is right or a TriageError."""
    path = tmp_path / "store.db"
    filled(path, 200).close()
    whole = path.read_bytes()
    choose = random.Random(5)
    seen = 0
    for _ in range(40):
        start = choose.randrange(0, len(whole) - 4_096)
        path.write_bytes(whole[:start] + choose.randbytes(4_096) + whole[start + 4_096 :])
        try:
            store = open_store(str(path))
            try:
                for sort in ("last_seen", "count"):
                    store.page(IssueQuery(sort=sort), 50)
                store.count(IssueQuery(text="keyerror"))
                store.raw_events(1)
                store.add_events([arrival(10_000)])
            finally:
                store.close()
        except TriageError:
            seen += 1
        for rest in tmp_path.glob("store.db-*"):
            rest.unlink()
    assert seen > 0


def test_a_damaged_payload_or_row_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = filled(path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE payload SET raw = 'x'")
        connection.execute("UPDATE issue SET status = 'strange' WHERE id = 1")
        connection.execute("UPDATE issue SET title = CAST(x'ff' AS TEXT) WHERE id = 2")
    connection.close()
    for ask in (lambda: store.raw_event(3), lambda: store.issue(1), lambda: store.issue(2)):
        with pytest.raises(Unavailable, match="damaged"):
            ask()
    store.close()


def test_a_truncated_file_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    filled(path, 100).close()
    whole = path.read_bytes()

    def use() -> None:
        store = open_store(str(path))
        try:
            store.page(IssueQuery(), 50)
            store.raw_events(1, 200)
            store.add_events([arrival(number) for number in range(1_000, 1_050)])
        finally:
            store.close()

    for size in (1, 50, 100, 511, 4_096, len(whole) // 2):
        path.write_bytes(whole[:size])
        with pytest.raises(TriageError):
            use()
        assert path.read_bytes() == whole[:size]


def test_a_full_disk_writes_nothing_by_halves(tmp_path: Path) -> None:
    """The limit on file sizes stands for the full disk."""
    script = """
import random, resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_store_files import arrival
from triage.domain.issue import IssueQuery
from triage.errors import TriageError
from triage.store import open_store
store = open_store(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, resource.RLIM_INFINITY))
stored, number = [], 0
try:
    while True:
        batch = [arrival(number + index, random.randbytes(20_000)) for index in range(10)]
        store.add_events(batch)
        number += 10
        stored += [event.event_id for event in batch]
except TriageError as error:
    print(error.title, "|", error.hint)
assert len(stored) < 1_000
assert sum(issue.count for issue in store.page(IssueQuery(), 50)) == len(stored)
for attempt in (lambda: store.add_events(batch), lambda: store.add_events(batch)):
    try:
        attempt()
        raise SystemExit("it was not full")
    except TriageError:
        pass
assert sum(issue.count for issue in store.page(IssueQuery(), 50)) == len(stored)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert None not in store.add_events(batch)
store.close()
"""
    path = tmp_path / "store.db"
    done = run(script, str(path), str(Path(__file__).parent))
    assert done.stdout.startswith("the store cannot be written: no room | free disk space"), done
    assert_sound(path)


def test_a_store_that_nobody_may_write_can_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    filled(folder / "store.db").close()
    (folder / "store.db.lock").unlink()
    os.chmod(folder / "store.db", 0o444)
    os.chmod(folder, 0o555)
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_uid == os.geteuid() and parent.stat().st_mode & 0o005 != 0o005:
            os.chmod(parent, parent.stat().st_mode | 0o005)
    script = """
import os, sys
from triage.domain.issue import IssueQuery
from triage.errors import TriageError
from triage.store import open_store
if os.geteuid() == 0:
    # The interpreter itself may lie where only root can read.
    import triage.store.intake, triage.store.migrate, zstandard, zstandard.backend_c
    os.setgid(65534); os.setuid(65534)
store = open_store(sys.argv[1])
assert len(store.page(IssueQuery(), 50)) == store.count(IssueQuery()) == 5
assert store.raw_event(1).kind == "sdk"
for change in (lambda: store.resolve([1]), lambda: store.mark_seen(1)):
    try:
        change()
        raise SystemExit("it was written")
    except TriageError as error:
        print(error.title)
store.close()
"""
    done = run(script, str(folder / "store.db"))
    os.chmod(folder, 0o755)
    assert done.stdout.splitlines() == ["the store is read-only"] * 2, done


def test_a_busy_store_says_so_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    path = tmp_path / "store.db"
    store = filled(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert store.count(IssueQuery()) == 5
    with pytest.raises(Unavailable, match="busy"):
        threaded(lambda: store.resolve([1]))
    other.execute("ROLLBACK")
    other.close()
    store.resolve([1])
    store.close()


def test_threads_leave_no_connection_open(tmp_path: Path) -> None:
    store = filled(tmp_path / "store.db")
    for _ in range(20):
        threaded(lambda: store.count(IssueQuery()))
    database = store.database
    assert isinstance(database, sqlite.SqliteDatabase)
    assert len(database._open) <= 2
    store.close()
    assert not list(tmp_path.glob("store.db-*"))


def threaded(call: object) -> None:
    """Run in a thread of its own, with a connection of its own."""
    failures: list[BaseException] = []

    def target() -> None:
        try:
            call()  # type: ignore[operator]
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).resolve().parents[3]
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def assert_sound(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        (events,) = connection.execute("SELECT count(*) FROM event").fetchone()
        assert connection.execute("SELECT count(*) FROM payload").fetchone() == (events,)
        assert connection.execute("SELECT coalesce(sum(count), 0) FROM issue").fetchone() == (events,)
        assert (
            connection.execute("SELECT sum(n) FROM tally").fetchone()
            == connection.execute("SELECT count(*) FROM issue").fetchone()
        )
        connection.execute("INSERT INTO issue_text (issue_text) VALUES ('integrity-check')")
    connection.close()
