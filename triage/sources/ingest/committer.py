"""Hands events to the writer, as many at once as may wait, and counts what became of them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from triage.domain.incoming import IncomingEvent
from triage.errors import Fault, TriageError, Unavailable

MAX_PENDING_BYTES = 128_000_000

log = logging.getLogger("triage.ingest")


class EventWriter(Protocol):
    """What ingest needs of the store."""

    async def add_events(self, events: Sequence[IncomingEvent]) -> list[int | None]:
        """Store `events`; they are committed when it returns: the issue of each, None for duplicates."""
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


class Committer:
    """The way of events into the store. All of it runs in one event loop."""

    def __init__(self, writer: EventWriter, capacity: int) -> None:
        self.counts = Counts()
        self._writer = writer
        self._capacity = capacity
        self._events = 0
        self._bytes = 0
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

        Raises Busy at once when too much waits, Unavailable when they could not be stored.
        """
        if not events:
            return
        count, size = len(events), sum(len(event.raw) for event in events)
        full = self._events + count > self._capacity or self._bytes + size > MAX_PENDING_BYTES
        if full and self._events:
            self.counts.refused_busy += count
            raise Busy("too many events at once", f"{self._events} wait for the disk", "send again in a second")
        self._events += count
        self._bytes += size
        try:
            issues = await self._writer.add_events(events)
        except TriageError as error:
            raise self._failed(error, count) from error
        except Exception as error:  # the sender must hear of it, and the next one is served
            log.debug("storing failed", exc_info=True)
            raise self._failed(Fault("the store failed", f"{type(error).__name__}: {error}"), count) from error
        finally:
            self._events -= count
            self._bytes -= size
        duplicates = issues.count(None)
        self.counts.duplicates += duplicates
        self.counts.stored += count - duplicates
        if self._trouble:
            log.warning("events are stored again")
            self._trouble = ""

    def _failed(self, error: TriageError, count: int) -> Unavailable:
        self.counts.failed += count
        if self._trouble != str(error):
            self._trouble = str(error)
            log.error("events are refused, none is lost silently: %s", error)
        return Unavailable(error.title, error.detail, error.hint)
