"""Quitting whatever runs: at once, with nothing left behind, and the terminal as it was."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.contract.fake_anthropic import KEY, FakeAnthropic, Reply
from tests.tui.drafts import SLOW, Shop
from tests.tui.pty_ground import Terminal, alive, app_in_terminal

SOON = 8.0
"""Seconds; we owe 0.2 (measured in benchmarks/tui.py), a busy machine may take longer."""
ANSWER = {
    "path": "tests/test_claude.py",
    "test_name": "test_a",
    "explanation": "",
    "source": "def test_a():\n    assert False\n" * 40,
}


@pytest.fixture
def model() -> Iterator[FakeAnthropic]:
    with FakeAnthropic() as server:
        server.enqueue(Reply(ANSWER, stalls=True))
        yield server


def to_the_issue(terminal: Terminal) -> None:
    terminal.sees("1 issue")
    terminal.press("\r")
    terminal.sees("last touched")


def run(terminal: Terminal) -> None:
    to_the_issue(terminal)
    terminal.press("r")
    terminal.sees("not run yet: r")
    terminal.press("r")
    terminal.until(lambda: any("pytest" in " ".join(command(item)) for item in terminal.below()), "pytest")


def draft(terminal: Terminal) -> None:
    to_the_issue(terminal)
    terminal.press("d")
    terminal.until(
        lambda: any("bwrap" in item.name() or "python" in item.name() for item in terminal.below()), "replay"
    )


def claude(terminal: Terminal) -> None:
    to_the_issue(terminal)
    terminal.until(lambda: "D draft with Claude" in terminal.text, "Claude")
    terminal.press("D")
    terminal.sees("sends exactly this")
    time.sleep(0.5)  # a key that came with the screen would not count
    terminal.press("y")
    terminal.sees("being written", "def test_a")


def nothing(terminal: Terminal) -> None:
    terminal.sees("1 issue")


def command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def start(shop: Shop, model: FakeAnthropic, *arguments: str) -> Terminal:
    shop.draft(SLOW, "test_slow")
    shop.workspace.close()
    store = shop.workspace.config.store
    return app_in_terminal(shop.repo, store, *arguments, ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY=KEY)


@pytest.mark.parametrize("doing", [nothing, run, draft, claude])
def test_quitting_leaves_nothing_behind(shop: Shop, model: FakeAnthropic, doing: Callable[[Terminal], None]) -> None:
    with start(shop, model, "--no-ingest") as terminal:
        doing(terminal)
        begun = terminal.below()
        terminal.press("\x11")
        if doing is not nothing:
            terminal.sees("Quitting stops what runs")
            terminal.press("y")
        took = terminal.wait()
        left = [item for item in begun if alive(item)]
        _, left = psutil.wait_procs(left, timeout=0.3)  # killed ones take the kernel a moment
        assert not [item for item in left if alive(item)]
        assert took < SOON
        assert terminal.code == 0
        assert terminal.modes_now() == terminal.modes
        assert terminal.raw.rindex(b"\x1b[?1049l") > terminal.raw.rindex(b"\x1b[?1049h")
        assert not terminal.screen.cursor.hidden


def test_the_ingest_server_ends_with_the_app(shop: Shop, model: FakeAnthropic) -> None:
    with start(shop, model) as terminal:
        terminal.until(lambda: any("serve" in command(item) for item in terminal.below()), "the server")
        terminal.sees("1 issue")
        time.sleep(1)  # until it listens
        server = terminal.below()
        terminal.press("\x11")
        assert terminal.wait() < SOON
        _, left = psutil.wait_procs(server, timeout=3)
        assert not [item for item in left if alive(item)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_closed_terminal_takes_what_runs_with_it(shop: Shop, model: FakeAnthropic, number: signal.Signals) -> None:
    with start(shop, model, "--no-ingest") as terminal:
        run(terminal)
        begun = terminal.below()
        os.kill(terminal.pid, number)
        terminal.wait()
        _, left = psutil.wait_procs([item for item in begun if alive(item)], timeout=1)
        assert not [item for item in left if alive(item)]
        assert terminal.code in (0, 128 + number)


def test_an_editor_with_a_window_stays(shop: Shop, model: FakeAnthropic, tmp_path: Path) -> None:
    window = tmp_path / "gedit"
    window.write_text("#!/bin/sh\necho $$ > " + str(tmp_path / "pid") + "\nexec sleep 60\n")
    window.chmod(0o755)
    os.environ["VISUAL"] = str(window)
    try:
        with start(shop, model, "--no-ingest") as terminal:
            to_the_issue(terminal)
            terminal.press("r")
            terminal.sees("not run yet: r")
            terminal.press("\r")
            terminal.sees("edit draft 1")
            terminal.press("\x07")
            terminal.until(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text()), "the window")
            process = psutil.Process(int((tmp_path / "pid").read_text()))
            terminal.press("\x11")
            terminal.wait()
            assert alive(process)
            process.kill()
    finally:
        del os.environ["VISUAL"]


def test_the_app_ends_when_its_terminal_is_gone(shop: Shop, model: FakeAnthropic) -> None:
    with start(shop, model, "--no-ingest") as terminal:
        run(terminal)
        begun = terminal.below()
        terminal.hang_up()
        terminal.wait()
        _, left = psutil.wait_procs([item for item in begun if alive(item)], timeout=1)
        assert not [item for item in left if alive(item)]
