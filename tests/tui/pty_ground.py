"""The app in a terminal of its own: keys in, the screen as a person sees it, and what is left afterwards."""

import fcntl
import os
import pty
import signal
import struct
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil
import pyte

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


class Terminal:
    """A program in a pseudo terminal. Works as a context manager: nothing of it is left afterwards."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], size: tuple[int, int] = (120, 36)) -> None:
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self._lock = threading.Lock()
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            # A size in the environment (pytest-xdist sets one) would win over the terminal's own.
            os.execve(argv[0], list(argv), {k: v for k, v in env.items() if k not in ("COLUMNS", "LINES")})
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.modes = termios.tcgetattr(self._master)
        self.raw = bytearray()
        self.code: int | None = None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65_536)
            except OSError:
                return
            if not data:
                return
            with self._lock:
                self.raw += data
                self._stream.feed(data)

    @property
    def text(self) -> str:
        with self._lock:
            return "\n".join(line.rstrip() for line in self.screen.display)

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def until(self, condition: Callable[[], bool], what: str = "") -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"never came: {what}\n{self.text}")
            time.sleep(0.005)

    def sees(self, *texts: str) -> None:
        self.until(lambda: all(text in self.text for text in texts), f"{texts}")

    def below(self) -> list[psutil.Process]:
        """What the program has started and is still there."""
        try:
            return [item for item in psutil.Process(self.pid).children(recursive=True) if alive(item)]
        except psutil.NoSuchProcess:
            return []

    def wait(self) -> float:
        """Wait until the program has ended; returns how many seconds that took."""
        begun = time.monotonic()
        while time.monotonic() - begun < PATIENCE:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                took = time.monotonic() - begun
                self._over(status)
                return took
            time.sleep(0.001)
        raise AssertionError(f"it does not end\n{self.text}")

    def _over(self, status: int) -> None:
        """The program has ended: what it wrote last may still be on its way to the screen."""
        self.code = os.waitstatus_to_exitcode(status)
        self._reader.join(timeout=5)

    def ended_after(self, key: str) -> bool:
        """Whether the program ends soon after a key; one that came right behind an escape is part of it."""
        self.press(key)
        begun = time.monotonic()
        while time.monotonic() - begun < 1.0:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self._over(status)
                return True
            time.sleep(0.01)
        return False

    def hang_up(self) -> None:
        """Close the terminal under the program."""
        os.close(self._master)
        self._master = os.open(os.devnull, os.O_RDWR)

    def modes_now(self) -> list[object]:
        return list(termios.tcgetattr(self._master))

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        left = self.below()
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        for item in left:
            if alive(item):
                item.kill()
        os.close(self._master)


def alive(process: psutil.Process) -> bool:
    """Whether a process is there and not merely waiting to be counted."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def app_in_terminal(
    repo: Path, store: str, *arguments: str, size: tuple[int, int] = (120, 36), **environment: str
) -> Terminal:
    """The app on a repo and a store, as `triage` starts it."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment}
    argv = (sys.executable, "-m", "triage", "--repo", str(repo), "--store", store, *arguments)
    return Terminal(argv, env, size)
