"""Copying that also works over SSH and in tmux, and says how it copied."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

OSC52_LIMIT = 70_000
"""Base64 characters that terminals commonly take in one OSC 52 (xterm and tmux: some 75 kB)."""

TOOLS = (
    ("wl-copy", ("wl-copy",), "WAYLAND_DISPLAY"),
    ("xclip", ("xclip", "-selection", "clipboard"), "DISPLAY"),
    ("xsel", ("xsel", "--clipboard", "--input"), "DISPLAY"),
)

TMUX = ("tmux", "load-buffer", "-w", "-")
OLD_TMUX = ("tmux", "load-buffer", "-")


@dataclass(frozen=True, slots=True)
class Copied:
    """How a text was copied, in words for people; `complete` is False if it had to be cut."""

    how: str
    complete: bool = True


def copy(
    text: str,
    write: Callable[[str], object],
    environment: Mapping[str, str] | None = None,
    *,
    in_browser: bool = False,
) -> Copied:
    """Copy `text`; `write` sends bytes to the terminal. May take a second.

    On this machine's own desktop the system's tool takes it. Elsewhere tmux does, which hands it
    on to its terminal by itself (what programs in it send is ignored unless `set-clipboard on`);
    without tmux it travels as OSC 52, wrapped for screen. A browser takes OSC 52, too.
    """
    environment = {} if in_browser else os.environ if environment is None else environment
    remote = bool(environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"))
    if not remote and not in_browser and (tool := _tool(environment)) is not None and _run(tool, text):
        return Copied(tool[0])
    if environment.get("TMUX") and shutil.which("tmux"):
        if _run(TMUX, text):
            return Copied("tmux, which hands it to its terminal")
        _run(OLD_TMUX, text)  # before 3.2: at least its own buffer has it
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    complete = len(encoded) <= OSC52_LIMIT
    if not complete:
        kept = text.encode("utf-8", "replace")[: OSC52_LIMIT * 3 // 4 - 3].decode("utf-8", "ignore")
        encoded = base64.b64encode(kept.encode()).decode("ascii")
    sequence, how = wrapped(encoded, environment)
    write(sequence)
    return Copied("the browser" if in_browser else how, complete)


def wrapped(encoded: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """OSC 52 for this terminal, and what to call the way it goes.

    tmux takes the plain sequence with `set-clipboard on` and passes the wrapped one on with
    `allow-passthrough on`: it gets both.
    """
    plain = f"\x1b]52;c;{encoded}\x07"
    if environment.get("TMUX"):
        inner = plain.replace("\x1b", "\x1b\x1b")
        return f"{plain}\x1bPtmux;{inner}\x1b\\", "the terminal (OSC 52 through tmux)"
    if environment.get("STY"):
        return f"\x1bP{plain}\x1b\\", "the terminal (OSC 52 through screen)"
    return plain, "the terminal (OSC 52)"


def _tool(environment: Mapping[str, str]) -> tuple[str, ...] | None:
    if sys.platform == "darwin":
        return ("pbcopy",)
    for name, command, needs in TOOLS:
        if environment.get(needs) and shutil.which(name):
            return command
    return None


def _run(command: tuple[str, ...], text: str) -> bool:
    try:
        process = subprocess.run(
            command,
            input=text.encode("utf-8", "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=1,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return process.returncode == 0
