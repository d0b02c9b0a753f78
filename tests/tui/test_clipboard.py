"""Copying: by the terminal when remote, whole or said to be cut, secrets out first."""

import base64
import re
from pathlib import Path

import pytest

from tests.tui.events import add, sdk_event
from tests.tui.stories import opened, screen_text, sees
from triage.services.workspace import Workspace
from triage.tui import clipboard
from triage.tui.app import TriageApp
from triage.tui.clipboard import OSC52_LIMIT, copy


def test_over_ssh_the_terminal_copies() -> None:
    written: list[str] = []
    copied = copy("grüße", written.append, {"SSH_TTY": "/dev/pts/1"})
    assert written == [f"\x1b]52;c;{base64.b64encode('grüße'.encode()).decode()}\x07"]
    assert "OSC 52" in copied.how
    assert copied.complete


@pytest.mark.parametrize(("name", "sign"), [("TMUX", "\x1bPtmux;\x1b\x1b]52"), ("STY", "\x1bP\x1b]52")])
def test_multiplexers_get_it_wrapped(name: str, sign: str) -> None:
    written: list[str] = []
    copied = copy("x", written.append, {"SSH_TTY": "y", name: "z"})
    assert sign in written[0]
    assert name.lower().replace("sty", "screen") in copied.how


def test_what_is_too_long_for_terminals_is_cut_and_said() -> None:
    written: list[str] = []
    assert not copy("日" * 100_000, written.append, {}).complete
    encoded = re.search(r"52;c;([^\x07]*)", written[0])
    assert encoded is not None
    assert len(encoded[1]) <= OSC52_LIMIT
    base64.b64decode(encoded[1]).decode("utf-8")


async def test_what_is_copied_has_its_secrets_taken_out(
    app: TriageApp, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []

    def take(text: str, write: object, *, in_browser: bool) -> clipboard.Copied:
        taken.append(text)
        return clipboard.Copied("a test")

    monkeypatch.setattr(clipboard, "copy", take)
    event = sdk_event(1)
    request = event["request"]
    assert isinstance(request, dict)
    request["headers"] = [["Authorization", "Bearer sk_live_51Habcdefghijklmnop1234567890"]]
    add(workspace, event)
    async with opened(app) as pilot:
        await sees(pilot, "1 issue")
        await pilot.press("y")
        await sees(pilot, "copied the issue through a test")
        assert taken[0].startswith("T-1 KeyError")
        await pilot.press("enter")
        await sees(pilot, "[tests")
        for _ in range(8):
            if "[request" in screen_text(app):
                break
            await pilot.press("right_square_bracket")
        await pilot.press("3", "y")
        await sees(pilot, "as curl")
        assert taken[1].startswith("curl ")
        assert "-X POST" in taken[1]
        assert "sk_live_51H" not in taken[1]
        await pilot.press("Y")
        await sees(pilot, "with its traceback")
        assert "Traceback" in taken[2]


def test_tmux_takes_it_itself_and_hands_it_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "tmux"
    tool.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\ncat > {tmp_path}/taken\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    written: list[str] = []
    assert "tmux" in copy("grüße", written.append, {"TMUX": "/tmp/x,1,0", "SSH_TTY": "y"}).how
    assert (tmp_path / "taken").read_text() == "grüße"
    assert (tmp_path / "asked").read_text() == "load-buffer -w -\n"
    assert not written


def test_a_browser_takes_it_whatever_the_server_runs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMUX", "/tmp/x,1,0")
    monkeypatch.setenv("DISPLAY", ":0")
    written: list[str] = []
    assert copy("x", written.append, in_browser=True).how == "the browser"
    assert written == ["\x1b]52;c;eA==\x07"]
