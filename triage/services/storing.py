"""The process that stores what the ingest server took in: `python -m triage.services.storing URL`.

Its stdin is the socket that WriterProcess holds the other end of. It ends when that closes.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import sys

from triage.domain.incoming import IncomingEvent
from triage.errors import TriageError
from triage.sources.ingest.wire import Answer, Frames, events_in, pack
from triage.store import Store, open_store

MODULE = "triage.services.storing"
MAX_BATCH = 500
MAX_BYTES = 8_000_000
PART = 1_000_000


class Inbox:
    """The calls that wait in the socket, handed out in batches that form by themselves: what
    arrives while one is stored goes into the next."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._frames = Frames()
        self._open = True

    def batch(self) -> list[IncomingEvent]:
        """The events of at least one call; [] when there will be no more."""
        events: list[IncomingEvent] = []
        size = 0
        while len(events) < MAX_BATCH and size < MAX_BYTES:
            if frame := self._frames.take():
                events += events_in(frame)
                size += len(frame)
            elif not self._receive(wait=not events):
                break
        return events

    def _receive(self, *, wait: bool) -> bool:
        """Whether something arrived."""
        if not self._open:
            return False
        try:
            part = self._end.recv(PART, 0 if wait else socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except ConnectionError:
            part = b""
        self._open = bool(part)
        self._frames.feed(part)
        return self._open


def add_events(store: Store, events: list[IncomingEvent]) -> Answer:
    """Store one batch and say what became of it."""
    try:
        return Answer(len(events), store.add_events(events))
    except TriageError as error:
        return Answer(len(events), error=(error.title, error.detail, error.hint))
    except Exception as error:  # the process must live on, and its callers must hear of it
        return Answer(len(events), error=("the store failed", f"{type(error).__name__}: {error}", "send again"))


def main() -> int:
    """Store until the other end is closed; 1 when the store cannot be opened."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the server decides when we end, by closing its end
    end = socket.socket(fileno=sys.stdin.fileno())
    inbox = Inbox(end)
    try:
        store = open_store(sys.argv[1])
    except TriageError as error:
        print(f"triage: {error}", file=sys.stderr)
        return 1
    with contextlib.closing(store):
        while events := inbox.batch():
            answer = add_events(store, events)
            with contextlib.suppress(OSError):  # nobody is left to hear it; the events are stored
                end.sendall(pack(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
