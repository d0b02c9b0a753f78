"""Runs a terminal program in a pty and tells when what could be seen; Linux only."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyte

QUIET = 0.08
"""Seconds without a change after which a screen counts as settled."""


class Probe:
    """One program on a screen of `columns` by `rows`. Times are seconds since it was started."""

    def __init__(self, command: Sequence[str], columns: int, rows: int, environment: Mapping[str, str]) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.bytes = 0
        self._unread: list[bytes] = []
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], list(command), {**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def pump(self, seconds: float) -> float | None:
        """Read what comes within `seconds`; when the last of it came, None if nothing did."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return None
        try:
            chunk = os.read(self.fd, 1 << 20)
        except OSError:
            return None
        at = time.perf_counter()
        self.bytes += len(chunk)
        self._unread.append(chunk)  # understood later: that takes longer than reading
        return at

    def text(self) -> str:
        """What can be read on the screen."""
        chunks, self._unread = b"".join(self._unread), []
        # pyte does not know private modes with a dollar sign, and would print their letter.
        self._stream.feed(re.sub(rb"\x1b\[[<>=?][0-9;]*\$?[a-zA-Z]", _known, chunks))
        return "\n".join(self.screen.display)

    def until(self, pattern: str, patience: float = 30.0) -> float:
        """Seconds from the start until the pattern can be read."""
        wanted = re.compile(pattern)
        deadline = time.perf_counter() + patience
        at = None
        while time.perf_counter() < deadline:
            at = self.pump(0.05) or at
            if at is not None and wanted.search(self.text()):
                return at - self.started
        raise TimeoutError(f"{pattern!r} never came:\n{self.text()}")

    def settle(self, quiet: float = QUIET, patience: float = 5.0) -> None:
        """Wait until nothing changes."""
        deadline = time.perf_counter() + patience
        while self.pump(quiet) is not None and time.perf_counter() < deadline:
            pass

    def press(self, keys: bytes) -> tuple[float, int]:
        """Seconds from sending the keys until the last change they made, and the bytes they cost."""
        before = self.bytes
        sent = time.perf_counter()
        os.write(self.fd, keys)
        last = sent
        while True:
            at = self.pump(QUIET if last > sent else 1.0)
            if at is None:
                return last - sent, self.bytes - before
            last = at

    def memory(self) -> float:
        """Resident megabytes of the program's own process."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]  # always there on Linux

    def processor(self) -> float:
        """Seconds of processor time it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def leave(self, keys: bytes, patience: float = 5.0) -> float:
        """Seconds from sending the keys until the process has ended; kills it if it does not."""
        sent = time.perf_counter()
        os.write(self.fd, keys)
        while time.perf_counter() - sent < patience:
            self.pump(0.002)
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                took = time.perf_counter() - sent
                os.close(self.fd)
                return took
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)
        return float("inf")


def _known(match: re.Match[bytes]) -> bytes:
    return match[0] if match[0].endswith((b"h", b"l")) and b"$" not in match[0] else b""
