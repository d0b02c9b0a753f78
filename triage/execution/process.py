"""Runs a command in a session of its own, hands on its output as it comes, and lets nothing outlive it."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.errors import Unavailable

LINE_CAP = 4_000
OUTPUT_CAP = 32 * 1024 * 1024
_CHUNK = 64 * 1024
_GRACE = 1.0
_POLL = 0.03


@dataclass(frozen=True, slots=True)
class Line:
    """One line of output without its end; longer than LINE_CAP characters it is cut and marked."""

    text: str


@dataclass(frozen=True, slots=True)
class Exited:
    """The process is gone and so is its group. `code` is negative for a signal.

    `flooded` says that it was killed because it printed more than it may.
    """

    code: int
    timed_out: bool = False
    flooded: bool = False


@dataclass(frozen=True, slots=True)
class Completed:
    """A finished command with everything it printed."""

    code: int
    stdout: bytes
    stderr: bytes
    timed_out: bool = False

    @property
    def text(self) -> str:
        return self.stdout.decode("utf-8", "replace")

    @property
    def errors(self) -> str:
        return self.stderr.decode("utf-8", "replace")


def kill_group(pid: int) -> None:
    """SIGKILL to the whole process group `pid` leads; silent when it is gone already."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def kill_marked(mark: str) -> None:
    """SIGKILL to every process whose environment holds the entry `mark` (`NAME=value`).

    For runs without a sandbox, where a child can leave its group; elsewhere than on Linux
    such children cannot be found.
    """
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (folder / "environ").read_bytes().split(b"\0") and int(folder.name) != os.getpid():
                os.kill(int(folder.name), signal.SIGKILL)


@contextlib.asynccontextmanager
async def spawned(
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: int = asyncio.subprocess.PIPE,
    stdout: int = asyncio.subprocess.PIPE,
    stderr: int = asyncio.subprocess.PIPE,
    pass_fds: Iterable[int] = (),
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A running process with pipes (for servers too); its group is killed when the block ends.

    `env` is the whole environment (None: empty but for PATH). Raises Unavailable when the
    program cannot be started.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            cwd=cwd,
            env=dict(env) if env is not None else {"PATH": os.defpath},
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            pass_fds=tuple(pass_fds),
            limit=_CHUNK,
        )
    except (OSError, ValueError) as error:
        raise Unavailable(f"cannot start {argv[0]}", str(error), "check that it is installed and executable") from error
    try:
        yield process
    finally:
        kill_group(process.pid)
        await _reap(process)


async def _reap(process: asyncio.subprocess.Process) -> None:
    """Wait for the killed process even if the waiting task is itself being cancelled."""
    transport = getattr(process, "_transport", None)
    if transport is not None:
        transport.close()
    waiting = asyncio.ensure_future(_leader_gone(process))
    try:
        await asyncio.shield(waiting)
    except asyncio.CancelledError:
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(_GRACE):
                await waiting
        raise


class LineSplitter:
    """Bytes in, capped lines out; undecodable bytes are replaced, never raised."""

    def __init__(self, cap: int = LINE_CAP) -> None:
        self._cap = cap
        self._held = bytearray()
        self._cutting = False

    def feed(self, data: bytes) -> list[str]:
        """The lines that `data` completed."""
        pieces = data.split(b"\n")
        lines = []
        for piece in pieces[:-1]:
            self._hold(piece)
            lines.append(self._take())
        self._hold(pieces[-1])
        return lines

    def rest(self) -> list[str]:
        """What is left without a line end."""
        return [self._take()] if self._held else []

    def _hold(self, piece: bytes) -> None:
        room = self._cap - len(self._held)
        if len(piece) > room:
            self._cutting = True
        self._held += piece[: max(room, 0)]

    def _take(self) -> str:
        text = self._held.decode("utf-8", "replace").rstrip("\r") + (" … (cut)" if self._cutting else "")
        self._held.clear()
        self._cutting = False
        return text


async def stream(
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float | None = None,
    input: bytes | None = None,
    pass_fds: Iterable[int] = (),
    output_cap: int = OUTPUT_CAP,
) -> AsyncIterator[Line | Exited]:
    """Run `argv`, yielding each line of its output (both streams in one) and at last Exited.

    `timeout` is in seconds from the start. Cancelling or closing the iterator kills the
    group at once. Raises Unavailable when the program cannot be started.
    """
    loop = asyncio.get_running_loop()
    deadline = None if timeout is None else loop.time() + timeout
    async with spawned(argv, cwd=cwd, env=env, stderr=asyncio.subprocess.STDOUT, pass_fds=pass_fds) as process:
        feeding = asyncio.ensure_future(_feed(process, input))
        ended = asyncio.ensure_future(_leader_gone(process))
        assert process.stdout is not None
        splitter = LineSplitter()
        seen = 0
        timed_out = flooded = False
        reading = asyncio.ensure_future(process.stdout.read(_CHUNK))
        try:
            while True:
                left = None if deadline is None else max(deadline - loop.time(), 0)
                waited = {reading} if ended.done() else {reading, ended}
                done, _ = await asyncio.wait(waited, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if not done:
                    timed_out = process.returncode is None
                    break
                if reading in done:
                    data = reading.result()
                    if not data:
                        break
                    seen += len(data)
                    if seen > output_cap:
                        flooded = True
                        break
                    for text in splitter.feed(data):
                        yield Line(text)
                    reading = asyncio.ensure_future(process.stdout.read(_CHUNK))
                if ended in done:
                    # A child that outlived its leader may hold the pipe open for ever.
                    kill_group(process.pid)
                    late = loop.time() + _GRACE
                    deadline = late if deadline is None else min(deadline, late)
            if not timed_out and not flooded:
                left = None if deadline is None else max(deadline - loop.time(), 0)
                await asyncio.wait({ended}, timeout=left)
                timed_out = process.returncode is None
            for text in splitter.rest():
                yield Line(text)
            kill_group(process.pid)
            yield Exited(await _leader_gone(process), timed_out, flooded)
        finally:
            for task in (reading, feeding, ended):
                task.cancel()


async def collect(
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float | None = None,
    input: bytes | None = None,
) -> Completed:
    """Run `argv` to its end and return all it printed. Raises Unavailable when it cannot be started."""
    async with spawned(argv, cwd=cwd, env=env) as process:
        talking = asyncio.ensure_future(process.communicate(input))
        done, _ = await asyncio.wait({talking}, timeout=timeout)
        if done:
            stdout, stderr = talking.result()
            return Completed(process.returncode or 0, stdout, stderr)
        kill_group(process.pid)
        talking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await talking
        return Completed(await _leader_gone(process), b"", b"", timed_out=True)


async def _leader_gone(process: asyncio.subprocess.Process) -> int:
    """The exit code, soon after the process itself ended; `wait()` would wait for its pipes as well."""
    waiting = asyncio.ensure_future(process.wait())
    try:
        while process.returncode is None:
            await asyncio.wait({waiting}, timeout=_POLL)
        return process.returncode
    finally:
        waiting.cancel()


async def _feed(process: asyncio.subprocess.Process, input: bytes | None) -> None:
    assert process.stdin is not None
    try:
        if input:
            process.stdin.write(input)
            await process.stdin.drain()
        process.stdin.close()
        await process.stdin.wait_closed()
    except (BrokenPipeError, ConnectionResetError):
        return
