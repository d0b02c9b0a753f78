"""One thread that stores events in batches and says of each when it is committed."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from triage.domain.incoming import IncomingEvent
from triage.errors import TriageError, Unavailable

MAX_BATCH = 500
MAX_PENDING_BYTES = 128_000_000

log = logging.getLogger("triage.ingest")


class EventWriter(Protocol):
    """What ingest needs of the store."""

    def add_events(self, batch: Sequence[IncomingEvent]) -> list[int | None]:
        """Store a batch in one transaction, committed when it returns; None for duplicates."""
        ...


class Busy(TriageError):
    """More events wait for the disk than the queue may hold."""


@dataclass(slots=True)
class Counts:
    """What happened since the start."""

    stored: int = 0
    duplicates: int = 0
    refused_busy: int = 0
    failed: int = 0


@dataclass(slots=True)
class _Waiting:
    events: Sequence[IncomingEvent]
    size: int
    done: "asyncio.Future[None]" = field(repr=False)


class Committer:
    """Batches form by themselves: what arrives while one commit runs goes into the next."""

    def __init__(self, writer: EventWriter, capacity: int) -> None:
        self.counts = Counts()
        self._writer = writer
        self._capacity = capacity
        self._queue: deque[_Waiting] = deque()
        self._events = 0
        self._bytes = 0
        self._wake = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None
        self._trouble = ""

    @property
    def waiting(self) -> int:
        """Events that are accepted and not yet committed."""
        return self._events

    @property
    def trouble(self) -> str:
        """What the last commit failed with; empty when it went well."""
        return self._trouble

    async def store(self, events: Sequence[IncomingEvent]) -> None:
        """Return once `events` are committed.

        Raises Busy at once when the queue is full, Unavailable when they could not be stored.
        """
        if not events:
            return
        size = sum(len(event.raw) for event in events)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._wake:
            full = self._events + len(events) > self._capacity or self._bytes + size > MAX_PENDING_BYTES
            if full and self._events:
                self.counts.refused_busy += len(events)
                raise Busy("too many events at once", f"{self._events} wait for the disk", "send again in a second")
            if self._closing:
                raise Unavailable("triage is shutting down", "", "send again")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="triage-committer", daemon=True)
                self._thread.start()
            self._queue.append(_Waiting(events, size, done))
            self._events += len(events)
            self._bytes += size
            self._wake.notify()
        await done

    def close(self) -> None:
        """Commit what waits, then stop."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._queue and not self._closing:
                    self._wake.wait()
                if not self._queue:
                    return
                batch = [self._queue.popleft()]
                count = len(batch[0].events)
                while self._queue and count + len(self._queue[0].events) <= MAX_BATCH:
                    batch.append(self._queue.popleft())
                    count += len(batch[-1].events)
            error = self._commit(batch)
            with self._wake:
                self._events -= count
                self._bytes -= sum(waiting.size for waiting in batch)
            self._answer(batch, error)

    def _commit(self, batch: Sequence[_Waiting]) -> TriageError | None:
        events = [event for waiting in batch for event in waiting.events]
        try:
            issues = self._writer.add_events(events)
        except TriageError as error:
            return self._failed(error, len(events))
        except Exception as error:  # the thread must live on, and its callers must hear of it
            log.debug("commit failed", exc_info=True)
            return self._failed(Unavailable("the store failed", f"{type(error).__name__}: {error}"), len(events))
        duplicates = issues.count(None)
        self.counts.duplicates += duplicates
        self.counts.stored += len(issues) - duplicates
        if self._trouble:
            log.warning("events are stored again")
            self._trouble = ""
        return None

    def _failed(self, error: TriageError, count: int) -> TriageError:
        self.counts.failed += count
        if self._trouble != str(error):
            self._trouble = str(error)
            log.error("events are refused, none is lost silently: %s", error)
        return error

    @staticmethod
    def _answer(batch: Sequence[_Waiting], error: TriageError | None) -> None:
        """Wake the requests, with one call into each loop that waits (there is one)."""
        by_loop: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
        for waiting in batch:
            by_loop.setdefault(waiting.done.get_loop(), []).append(waiting.done)
        for loop, futures in by_loop.items():
            try:
                loop.call_soon_threadsafe(_resolve, futures, error)
            except RuntimeError:  # the loop is closed: nobody waits any more
                continue


def _resolve(futures: Sequence["asyncio.Future[None]"], error: TriageError | None) -> None:
    for future in futures:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(Unavailable(error.title, error.detail, error.hint))
