"""Several processes on one store, and one that is killed in the middle of its work."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from triage.domain.issue import IssueQuery, Status
from triage.store import open_store

ROOT = Path(__file__).resolve().parents[3]

WRITER = """
import random, sys
from datetime import UTC, datetime
from triage.domain.incoming import IncomingEvent, Kind
from triage.store import open_store
path, name, batches, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
print("ready", flush=True)
sys.stdin.readline()
store = open_store(path)
for batch in range(batches):
    events = [
        IncomingEvent(f"{name}-{batch}-{n}", f"f{n % 9}", Kind.SDK, random.randbytes(3_000), "KeyError: x", "a in b",
                      "error", datetime.now(UTC), user=f"{name}{n}")
        for n in range(size)
    ]
    assert None not in store.add_events(events)
    # What is printed is acknowledged.
    print(*(event.event_id for event in events), flush=True)
store.close()
"""


def writer(path: Path, name: str, batches: int, size: int) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, str(batches), str(size)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def go(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.write("\n")
    child.stdin.close()


def acknowledged(child: subprocess.Popen[str]) -> list[str]:
    assert child.stdout is not None
    lines = child.stdout.readlines()
    child.stdout.close()
    # A kill may cut the last line; what was not read whole was not acknowledged.
    return [word for line in lines if line.endswith("\n") for word in line.split()]


def stored(path: Path) -> set[str]:
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = connection.execute("SELECT event_id FROM event JOIN payload USING (id)").fetchall()
        counted = connection.execute("SELECT sum(count) FROM issue").fetchone()
        events = connection.execute("SELECT count(*) FROM event").fetchone()
    connection.close()
    assert counted == events == (len(rows),)
    return {event_id for (event_id,) in rows}


def test_starters_at_the_same_time_make_one_store(tmp_path: Path) -> None:
    path = tmp_path / "new" / "store.db"
    children = [writer(path, f"w{number}", 3, 20) for number in range(4)]
    for child in children:
        go(child)
    said = [acknowledged(child) for child in children]
    assert [child.wait(timeout=60) for child in children] == [0, 0, 0, 0]
    assert stored(path) == {event_id for events in said for event_id in events}
    store = open_store(str(path))
    assert store.count(IssueQuery()) == 9
    assert sum(issue.users for issue in store.page(IssueQuery(), 20)) == 80
    store.close()


@pytest.mark.parametrize("batches_before_the_kill", [1, 3, 8])
def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path, batches_before_the_kill: int) -> None:
    path = tmp_path / "store.db"
    child = writer(path, "w", 10_000, 400)
    go(child)
    assert child.stdout is not None
    seen = [child.stdout.readline() for _ in range(batches_before_the_kill)]
    os.kill(child.pid, signal.SIGKILL)
    rest = acknowledged(child)
    assert child.wait(timeout=30) == -signal.SIGKILL
    sent = {word for line in seen for word in line.split()} | set(rest)

    found = stored(path)
    assert sent <= found
    # At most the one batch that was committed but not yet answered is there as well, whole.
    assert len(found - sent) in (0, 400)
    store = open_store(str(path))
    store.resolve([1])
    store.close()


def test_an_app_and_an_ingest_server_share_a_store(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    app = open_store(str(path))
    child = writer(path, "w", 30, 60)
    token = app.change_token()
    go(child)
    changes = undone = 0
    while child.poll() is None:
        for issue in app.page(IssueQuery(), 20):
            app.assign([issue.id], "ana" if issue.assignee is None else None)
            changes += 1
            app.mark_seen(issue.id)
        if app.undo():
            undone += 1
    assert child.returncode == 0
    assert len(acknowledged(child)) == 1_800
    assert len(stored(path)) == 1_800
    assert app.change_token() > token
    assert changes
    assert undone
    assert app.count(IssueQuery(status=Status.UNRESOLVED)) == 9
    app.close()
