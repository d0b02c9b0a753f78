"""The process that stores what the HTTP side took in, as the HTTP side sees it.

Python runs one thread at a time: a thread that stores beside the one that reads requests costs
both more in waiting for each other than the work itself. A process of its own costs a pipe.
"""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
import typing
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import triage
from triage.domain.incoming import IncomingEvent
from triage.errors import Unavailable
from triage.sources.ingest.wire import Frames, answer_in, pack

BUFFER = 1_000_000
MAX_BATCH = 500
MAX_BYTES = 8_000_000
PATIENCE = 20.0
"""Seconds that a stop waits for what was received to be stored."""
AGAIN = 1.0
"""Seconds between two starts."""


class WriterProcess:
    """`python -m MODULE` with a socket as stdin; started again when it dies. The URL may hold a
    password: it travels in the environment (TRIAGE_STORE), not in argv, which every user can read.

    What it has received whole it stores, even when this process is killed. `add_events` belongs
    to one event loop; `close` may come when that has ended.
    """

    def __init__(self, module: str, url: str) -> None:
        self._command = [sys.executable, "-P", "-m", module]
        self._url = url
        self._started = 0.0
        self._socket, self._process = self._start()
        self._link: _Link | None = None
        self._linking = asyncio.Lock()

    @property
    def pid(self) -> int:
        """The process that stores now."""
        return self._process.pid

    async def add_events(self, events: Sequence[IncomingEvent]) -> list[int | None]:
        """Hand `events` over; returns once they are committed, with the issue of each (None for
        duplicates). Raises Unavailable when they were not stored, or nobody can say."""
        link = self._link
        if link is None or link.lost:
            async with self._linking:
                if self._link is None or self._link.lost:
                    self._link = await self._linked()
                link = self._link
        return await link.send(events)

    def close(self) -> None:
        """Return when what was handed over is stored and the process has ended."""
        with contextlib.suppress(OSError):  # it has ended already
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self) -> tuple[socket.socket, "subprocess.Popen[bytes]"]:
        self._started = time.monotonic()
        ours, theirs = socket.socketpair()
        with theirs:
            for end in (ours, theirs):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
            # -P and this path: the folder we happen to be in must not be imported from.
            path = [str(Path(triage.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path), "TRIAGE_STORE": self._url}
            process: subprocess.Popen[bytes] = subprocess.Popen(
                self._command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, env=environment
            )
        return ours, process

    async def _linked(self) -> "_Link":
        """A connection to the process; to a new one when the last is gone."""
        if self._link is not None or self._process.poll() is not None:
            if time.monotonic() < self._started + AGAIN:
                raise _ended()
            self.close()
            self._socket, self._process = self._start()
        # The transport closes its own handle with its loop; ours is what `close` speaks through.
        _, link = await asyncio.get_running_loop().create_unix_connection(_Link, sock=self._socket.dup())
        return link


class _Link(asyncio.Protocol):
    """One batch at a time: what comes while it is being stored is the next batch."""

    def __init__(self) -> None:
        self.lost = False
        self._loop = asyncio.get_running_loop()
        self._frames = Frames()
        self._waiting: deque[_Call] = deque()
        self._sent: list[_Call] = []
        self._transport = asyncio.WriteTransport()

    async def send(self, events: Sequence[IncomingEvent]) -> list[int | None]:
        call = _Call(events, self._loop.create_future())
        self._waiting.append(call)
        if len(self._waiting) == 1 and not self._sent:
            self._loop.call_soon(self._next)  # together with what else has arrived by now
        return await call.settled

    def _next(self) -> None:
        """Send the next batch when the last is settled."""
        if self._sent or self.lost:
            return
        count = size = 0
        while self._waiting and count < MAX_BATCH and size < MAX_BYTES:
            call = self._waiting.popleft()
            self._sent.append(call)
            count += len(call.events)
            size += sum(len(event.raw) for event in call.events)
        if self._sent:
            self._transport.write(pack([event for call in self._sent for event in call.events]))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = typing.cast(asyncio.WriteTransport, transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        self._frames.feed(data)
        while frame := self._frames.take():
            answer = answer_in(frame)
            sent, self._sent = self._sent, []
            self._next()
            at = 0
            for call in sent:
                issues = answer.issues[at : at + len(call.events)]
                at += len(call.events)
                if not call.settled.done():  # else its caller has hung up
                    call.settle(issues, Unavailable(*answer.error) if answer.error else None)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        for call in (*self._sent, *self._waiting):
            if not call.settled.done():
                call.settle([], _ended())


@dataclass(slots=True)
class _Call:
    """The events of one call, and what its caller waits for."""

    events: Sequence[IncomingEvent]
    settled: "asyncio.Future[list[int | None]]"

    def settle(self, issues: list[int | None], error: Unavailable | None) -> None:
        if error is None:
            self.settled.set_result(issues)
        else:
            self.settled.set_exception(error)


def _ended() -> Unavailable:
    return Unavailable("the process that stores events has ended", "it is started again", "send again")
