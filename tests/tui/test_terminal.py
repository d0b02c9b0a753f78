"""The app in a real terminal: slow links, signals, sizes, and the terminal as it was afterwards."""

import fcntl
import os
import random
import signal
import struct
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.events import add, exception, frame, sdk_event
from tests.tui.pty_ground import Terminal, app_in_terminal
from triage.config import Config
from triage.services.workspace import Workspace

DELAY = 0.2
"""Seconds each way; what is typed meanwhile arrives in one piece."""
LEFT = (b"\x1b[?1049l", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[?25h")
"""Back on the normal screen, no mouse reports, no bracketed paste, the cursor shown."""


ESCAPE = "\x1b[27u"
"""As terminals with the kitty protocol send it: no key behind it can be taken for a part of it."""


class SlowLink:
    """Keys arrive late and bunched, as over a link with `DELAY` each way."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self._line: list[tuple[float, str]] = []
        self._lock = threading.Lock()

    def type(self, keys: str, pause: float = 0.01) -> None:
        """Type without looking, one key every `pause` seconds."""
        for key in keys:
            with self._lock:
                self._line.append((time.monotonic(), key))
            threading.Timer(DELAY, self._arrive).start()
            time.sleep(pause)

    def _arrive(self) -> None:
        """The network hands on what has been under way long enough, and what came just behind it."""
        with self._lock:
            if not self._line or time.monotonic() - self._line[0][0] < DELAY * 0.9:
                return
            keys = "".join(key for _, key in self._line)
            self._line.clear()
            self.terminal.press(keys)


@pytest.fixture
def many(repo: Path, tmp_path: Path) -> str:
    """A store with forty issues, the newest first: error 1, error 2 and so on."""
    store = f"sqlite:///{tmp_path / 'many.db'}"
    workspace = Workspace.open(Config(repo=repo, store=store))
    crash = frame("shop/cart.py", "total", 8, '        total += prices[item["sku"]] * item["count"]')
    add(workspace, *(sdk_event(at, [exception(f"Error{at:02}", f"number {at:02}", [crash])]) for at in range(1, 41)))
    workspace.close()
    return store


@pytest.fixture
def terminal(repo: Path, many: str) -> Iterator[Terminal]:
    with app_in_terminal(repo, many, "--no-ingest", "--remote", size=(100, 30)) as opened:
        opened.sees("40 issues")
        yield opened


def resize(terminal: Terminal, columns: int, rows: int) -> None:
    with terminal._lock:
        terminal.screen.resize(rows, columns)
    fcntl.ioctl(terminal._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def test_what_is_typed_ahead_over_a_slow_link_is_done_as_typed(terminal: Terminal) -> None:
    link = SlowLink(terminal)
    link.type("j" * 17 + "\r")
    terminal.sees("Error18: number 18", "Stack")
    link.type("\x1bjj\r")
    terminal.sees("Error20: number 20", "Stack")
    link.type("q/number 33\r\r")
    terminal.sees("Error33: number 33", "Stack")
    link.type("\x1b\x1b?snooze")
    terminal.sees("Keys that work here", "Put aside")
    link.type("\x1b:quit")
    terminal.sees("Do", "Quit")
    link.type("\x1b\x1bg")
    terminal.sees("40 issues")
    assert "went wrong" not in terminal.text


def test_an_idle_screen_writes_nothing_and_a_key_little(terminal: Terminal) -> None:
    before = -1
    while before != len(terminal.raw):  # the rows, then what comes behind them
        before = len(terminal.raw)
        time.sleep(2)
    terminal.press("j")
    terminal.until(lambda: len(terminal.raw) > before, "a change")
    time.sleep(0.5)
    assert len(terminal.raw) - before < 3_000


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_as_it_was(terminal: Terminal, number: signal.Signals) -> None:
    os.kill(terminal.pid, number)
    assert terminal.wait() < 5
    assert terminal.code == 128 + number
    assert all(sequence in bytes(terminal.raw) for sequence in LEFT)
    assert terminal.modes_now() == terminal.modes
    assert b"Traceback" not in terminal.raw


def test_sizes_may_change_wildly_down_to_almost_nothing(terminal: Terminal) -> None:
    choose = random.Random(1)
    for keys in ("", "\r", "?", ESCAPE, ":"):
        terminal.press(keys)
        for _ in range(12):
            resize(terminal, choose.randint(20, 220), choose.randint(5, 70))
            time.sleep(0.005)
    resize(terminal, 20, 5)
    terminal.sees("small")
    resize(terminal, 100, 30)
    terminal.press(ESCAPE * 3)
    terminal.sees("40 issues", "Error01", "? help")


def test_random_keys_in_a_real_terminal(terminal: Terminal) -> None:
    choose = random.Random(7)
    keys = [
        *"jkhlgGnNxazsS[]w? :/cteftdrRyY1234+_'",
        "\x1b[27u",
        "\t",
        "\r",
        "\x1b[A",
        "\x1b[B",
        "\x1b[5~",
        "\x1b[6~",
        "\x7f",
    ]
    for _ in range(20):
        terminal.press("".join(choose.choice(keys) for _ in range(10)))
        time.sleep(0.05)
    for _ in range(12):
        terminal.press("\x1b[27u")
        time.sleep(0.1)
    terminal.press("?")
    terminal.sees("Keys that work here")
    assert b"Traceback" not in terminal.raw
    assert "went wrong" not in terminal.text
