"""The thread that brings commits to the disk."""

import sqlite3
import sys
import threading
from pathlib import Path

from triage.store.checkpoint import Checkpointer


def test_first_writers_at_once_start_one_thread(tmp_path: Path) -> None:
    opened: list[str] = []

    def connect() -> sqlite3.Connection:
        opened.append(threading.current_thread().name)
        return sqlite3.connect(tmp_path / "store.db", check_same_thread=False)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(50):
            opened.clear()
            checkpointer = Checkpointer(connect)
            together = threading.Barrier(8)

            def write(checkpointer: Checkpointer = checkpointer, together: threading.Barrier = together) -> None:
                together.wait(20)
                checkpointer.nudge()

            writers = [threading.Thread(target=write) for _ in range(8)]
            for writer in writers:
                writer.start()
            for writer in writers:
                writer.join(20)
            checkpointer.close()
            assert len(opened) == 1
    finally:
        sys.setswitchinterval(before)


def test_one_that_is_closed_starts_no_more(tmp_path: Path) -> None:
    opened: list[int] = []

    def connect() -> sqlite3.Connection:
        opened.append(1)
        return sqlite3.connect(tmp_path / "store.db")

    checkpointer = Checkpointer(connect)
    checkpointer.close()
    checkpointer.nudge()
    checkpointer.close()
    assert not opened
