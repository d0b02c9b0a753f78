"""Brings what many small commits left in SQLite's WAL to the disk, beside the thread that writes."""

import contextlib
import sqlite3
import threading
from collections.abc import Callable

INTERVAL = 0.25
"""Seconds between two checkpoints: what a power cut may cost. The death of a process costs nothing."""


class Checkpointer:
    """A thread of its own, started by the first `nudge`: one fsync for many commits instead of one each.

    `connect` opens the file for this thread. The writer never waits: a passive checkpoint takes
    no lock that a writer needs, and what it leaves is left for the next.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def nudge(self) -> None:
        """Something was committed."""
        if self._thread is None:
            with self._starting:
                if self._thread is None and not self._stop.is_set():
                    thread = threading.Thread(target=self._run, name="triage-checkpoint", daemon=True)
                    thread.start()
                    self._thread = thread
        self._wake.set()

    def close(self) -> None:
        """Return when the last commit is on the disk."""
        with self._starting:
            self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        # An error here is met again by the writer, which can tell somebody.
        with contextlib.suppress(sqlite3.Error), contextlib.closing(self._connect()) as connection:
            while not self._stop.is_set():
                self._wake.wait()
                self._wake.clear()
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                self._stop.wait(INTERVAL)
            with contextlib.suppress(sqlite3.Error):
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
