"""The process that stores what the ingest server took in: `python -m triage.services.storing`.

TRIAGE_STORE names the store; stdin is the socket that WriterProcess holds the other end of.
It ends when that closes.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Iterator

from triage.domain.incoming import IncomingEvent
from triage.errors import TriageError
from triage.sources.ingest.wire import Answer, Frames, events_in, pack
from triage.store import Store, open_store

MODULE = "triage.services.storing"
PART = 1_000_000


def batches(end: socket.socket) -> Iterator[list[IncomingEvent]]:
    """What the server sends, until it is gone. A batch that it did not send whole was not answered."""
    frames = Frames()
    while part := _received(end):
        frames.feed(part)
        while frame := frames.take():
            yield events_in(frame)


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(PART)
    except ConnectionError:
        return b""


def add_events(store: Store, events: list[IncomingEvent]) -> Answer:
    """Store one batch and say what became of it."""
    try:
        return Answer(store.add_events(events))
    except TriageError as error:
        return Answer(error=(error.title, error.detail, error.hint))
    except Exception as error:  # the process must live on, and its callers must hear of it
        return Answer(error=("the store failed", f"{type(error).__name__}: {error}", "send again"))


def main() -> int:
    """Store until the other end is closed; 1 when the store cannot be opened."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the server decides when we end, by closing its end
    end = socket.socket(fileno=sys.stdin.fileno())
    try:
        store = open_store(os.environ["TRIAGE_STORE"])
    except TriageError as error:
        print(f"triage: {error}", file=sys.stderr)
        return 1
    with contextlib.closing(store):
        for events in batches(end):
            answer = add_events(store, events)
            with contextlib.suppress(OSError):  # nobody is left to hear it; the events are stored
                end.sendall(pack(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
