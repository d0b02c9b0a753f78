"""`$EDITOR` round trips: terminal editors take the screen over, graphical ones run beside it."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from textual.app import App, SuspendNotSupported

from triage.errors import TriageError, Unavailable

GRAPHICAL = frozenset(
    {"code", "code-insiders", "codium", "cursor", "zed", "subl", "gedit", "kate", "mate", "gvim", "idea"}
)
WAITS = {
    "code": "--wait",
    "code-insiders": "--wait",
    "codium": "--wait",
    "cursor": "--wait",
    "zed": "--wait",
    "subl": "--wait",
}
AT_LINE = frozenset({"vi", "vim", "nvim", "nano", "emacs", "emacsclient", "kak", "micro", "joe", "ne", "gvim", "kate"})
AT_COLON = frozenset({"hx", "helix", "subl", "zed"})
FALLBACKS = ("nano", "vim", "vi")


def command() -> list[str]:
    """The user's editor as words: $VISUAL, $EDITOR, git's choice of old, or what is there."""
    for name in ("VISUAL", "EDITOR"):
        if words := shlex.split(os.environ.get(name, "")):
            return words
    return next(([name] for name in FALLBACKS if shutil.which(name)), [])


def unavailable(app: App[None]) -> str | None:
    """Why no editor can be opened here; None when one can."""
    words = command()
    if not words:
        return "no editor: set $EDITOR"
    if shutil.which(words[0]) is None:
        return f"$EDITOR is {words[0]}, which is not on PATH"
    return None


def at_line(words: list[str], file: Path, line: int) -> list[str]:
    """The command line that opens `file` at `line`, in the way that this editor understands."""
    name = Path(words[0]).name
    if name in AT_COLON:
        return [*words, f"{file}:{line}"]
    if name in ("code", "code-insiders", "codium", "cursor"):
        return [*words, "--goto", f"{file}:{line}"]
    if name in AT_LINE:
        return [*words, f"+{line}", str(file)]
    return [*words, str(file)]


async def open_file(app: App[None], file: Path, line: int = 1, *, wait: bool = False) -> None:
    """Open a file. Terminal editors always wait; graphical ones only with `wait`.

    Raises Unavailable when it cannot be started; the terminal is restored in any case.
    """
    if reason := unavailable(app):
        raise Unavailable("no editor can be opened", reason, "export EDITOR=vim, say")
    words = command()
    name = Path(words[0]).name
    if name in GRAPHICAL:
        flags = [WAITS[name]] if wait and name in WAITS and WAITS[name] not in words else []
        process = await asyncio.create_subprocess_exec(
            *at_line([*words, *flags], file, line),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if wait:
            await process.wait()
        return
    _in_terminal(app, at_line(words, file, line))


def _in_terminal(app: App[None], words: list[str]) -> None:
    """App.suspend() does not resume when its body raises (textual 8.2.8): nothing may raise in it."""
    trouble: OSError | None = None
    try:
        with app.suspend():
            try:
                subprocess.run(words, check=False)
            except OSError as error:
                trouble = error
    except SuspendNotSupported as error:
        raise Unavailable("no editor here", "this terminal cannot be handed over", "set a graphical $EDITOR") from error
    if trouble is not None:
        raise Unavailable(f"cannot start {words[0]}", str(trouble), "check $EDITOR")


async def edit_text(app: App[None], text: str, suffix: str, line: int = 1) -> str:
    """`text` as it is after the user edited it. Raises Unavailable; then nothing is lost."""
    with tempfile.TemporaryDirectory(prefix="triage-edit-") as folder:
        file = Path(folder) / f"draft{suffix}"
        file.write_text(text, encoding="utf-8")
        await open_file(app, file, line, wait=True)
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise TriageError("the edited file cannot be read", str(error), "nothing was changed") from error
