"""The process that stores what the HTTP side took in, as the HTTP side sees it.

Python runs one thread at a time: a thread that stores beside the one that reads requests costs
both more in waiting for each other than the work itself. A process of its own costs a pipe.
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
import typing
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import triage
from triage.domain.incoming import IncomingEvent
from triage.errors import Unavailable
from triage.sources.ingest.wire import Frames, answer_in, pack

BUFFER = 1_000_000
PATIENCE = 20.0
"""Seconds that a stop waits for what was received to be stored."""
AGAIN = 1.0
"""Seconds between two starts."""


class WriterProcess:
    """`python -m MODULE URL` with a socket as stdin; started again when it dies.

    What it has received whole it stores, even when this process is killed.
    """

    def __init__(self, module: str, url: str) -> None:
        self._command = [sys.executable, "-P", "-m", module, url]
        self._started = 0.0
        self._socket, self._process = self._start()
        self._link: _Link | None = None
        self._linking = asyncio.Lock()

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
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
            process: subprocess.Popen[bytes] = subprocess.Popen(
                self._command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, env=environment
            )
        return ours, process

    async def _linked(self) -> "_Link":
        """A connection to the process; to a new one when the last is gone."""
        if self._link is not None:
            if time.monotonic() < self._started + AGAIN:
                raise _ended()
            self.close()
            self._socket, self._process = self._start()
        # The loop's transport closes its own handle; ours keeps the process alive between loops.
        _, link = await asyncio.get_running_loop().create_unix_connection(_Link, sock=self._socket.dup())
        return link


class _Link(asyncio.Protocol):
    """Events out, answers in, in the same order."""

    def __init__(self) -> None:
        self.lost = False
        self._frames = Frames()
        self._calls: deque[tuple[int, asyncio.Future[list[int | None]]]] = deque()
        self._transport = asyncio.WriteTransport()

    async def send(self, events: Sequence[IncomingEvent]) -> list[int | None]:
        settled: asyncio.Future[list[int | None]] = asyncio.get_running_loop().create_future()
        self._calls.append((len(events), settled))
        self._transport.write(pack(events))
        return await settled

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = typing.cast(asyncio.WriteTransport, transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        self._frames.feed(data)
        while frame := self._frames.take():
            answer = answer_in(frame)
            at = 0
            while at < answer.events:
                count, settled = self._calls.popleft()
                at += count
                if settled.done():  # the caller has hung up
                    continue
                if answer.error is not None:
                    settled.set_exception(Unavailable(*answer.error))
                else:
                    settled.set_result(answer.issues[at - count : at])

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        for _, settled in self._calls:
            if not settled.done():
                settled.set_exception(_ended())
        self._calls.clear()


def _ended() -> Unavailable:
    return Unavailable("the process that stores events has ended", "it is started again", "send again")
