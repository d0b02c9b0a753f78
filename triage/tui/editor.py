"""`$EDITOR` round trips: terminal editors take the screen over, graphical ones run beside it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator
from pathlib import Path

from textual.app import App, SuspendNotSupported

from triage.errors import TriageError, Unavailable
from triage.tui import outside

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
LEFT_BEHIND = "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1l\x1b>\x1b[?1049l\x1b[0m\x1b[?25h"
"""Mouse reports, bracketed paste, application keys, the second screen, colours and a hidden cursor:
what an editor that was killed did not put back."""
MOST = 2_000_000
GONE = (0, 0, 0)


def command() -> list[str]:
    """The user's editor as words: $VISUAL, $EDITOR, git's choice of old, or what is there."""
    for name in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(os.environ.get(name, ""))
        except ValueError as error:  # a quote that does not end
            raise Unavailable(f"${name} cannot be read", str(error), f"export {name}=vim, say") from error
        if words:
            return words
    return next(([name] for name in FALLBACKS if shutil.which(name)), [])


def unavailable(app: App[None]) -> str | None:
    """Why no editor can be opened here; None when one can."""
    try:
        words = command()
    except Unavailable as error:
        return str(error)
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


def is_graphical(words: list[str]) -> bool:
    """Whether this editor has a window of its own."""
    return Path(words[0]).name in GRAPHICAL


async def open_file(app: App[None], file: Path, line: int = 1) -> None:
    """Open a file. Terminal editors take the screen over until they end; graphical ones go on
    beside the app, and stay when it goes.

    Raises Unavailable when it cannot be started; the terminal is restored in any case.
    """
    words = _words(app)
    if is_graphical(words):
        await _start(at_line(words, file, line))
    else:
        in_terminal(app, at_line(words, file, line))


def _words(app: App[None]) -> list[str]:
    if reason := unavailable(app):
        raise Unavailable("no editor can be opened", reason, "export EDITOR=vim, say")
    return command()


async def _start(argv: list[str]) -> asyncio.subprocess.Process:
    nowhere = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True
        )
    except OSError as error:
        raise Unavailable(f"cannot start {argv[0]}", str(error), "check $EDITOR") from error
    outside.keep(process.pid)
    return process


def in_terminal(app: App[None], argv: list[str]) -> int:
    """Run a program that needs the terminal; returns its exit code, negative for a signal.
    Whatever it leaves behind is put back. Raises Unavailable when it cannot be started."""
    # App.suspend() does not resume when its body raises (textual 8.2.8): nothing may raise in it.
    trouble: OSError | None = None
    code = 0
    try:
        with app.suspend(), _terminal_kept(), _interrupts_are_not_ours():
            try:
                code = subprocess.run(argv, check=False).returncode
            except OSError as error:
                trouble = error
    except SuspendNotSupported as error:
        raise Unavailable("no editor here", "this terminal cannot be handed over", "set a graphical $EDITOR") from error
    if trouble is not None:
        raise Unavailable(f"cannot start {argv[0]}", str(trouble), "check $EDITOR")
    return code


@contextlib.contextmanager
def _terminal_kept() -> Iterator[None]:
    """The terminal's modes are afterwards what they were before: an editor that dies by a signal
    leaves it raw, and on its second screen."""
    handle = sys.__stdin__.fileno() if sys.__stdin__ is not None else 0
    try:
        modes = termios.tcgetattr(handle)
    except (termios.error, OSError):
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(termios.error, OSError):
            termios.tcsetattr(handle, termios.TCSADRAIN, modes)
        with contextlib.suppress(OSError, ValueError):
            screen = sys.__stdout__
            if screen is not None and screen.isatty():
                screen.write(LEFT_BEHIND)
                screen.flush()


@contextlib.contextmanager
def _interrupts_are_not_ours() -> Iterator[None]:
    """Ctrl+C and ctrl+\\ in an editor go to all of the terminal's processes, us among them; only
    the editor shall hear them, as git does it. A function and not SIG_IGN: that would be inherited."""
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class EditedText:
    """A text on its way through an editor, as a file of its own."""

    def __init__(self, text: str, suffix: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="triage-edit-")
        self._file = Path(self._folder.name) / f"draft{suffix}"
        self._file.write_text(text, encoding="utf-8")
        self._text = text
        self._seen = self._stamp()
        self._process: asyncio.subprocess.Process | None = None

    async def open(self, app: App[None], line: int) -> bool:
        """Open it; says whether the editor goes on beside the app (`news` then tells what it
        saved). Raises Unavailable."""
        words = _words(app)
        if not is_graphical(words):
            in_terminal(app, at_line(words, self._file, line))
            return False
        name = Path(words[0]).name
        flags = [WAITS[name]] if name in WAITS and WAITS[name] not in words else []
        self._process = await _start(at_line([*words, *flags], self._file, line))
        return True

    @property
    def open_still(self) -> bool:
        """Whether a graphical editor has not ended. Some end at once and go on elsewhere."""
        return self._process is not None and self._process.returncode is None

    def news(self) -> str | None:
        """What was saved since the last time, None when nothing was. Raises TriageError when the
        file cannot be read."""
        stamp = self._stamp()
        if stamp in (self._seen, GONE):  # gone: it is being written anew, or was thrown away
            return None
        before, self._seen = self._seen, stamp
        try:
            with self._file.open("rb") as file:
                text = file.read(MOST + 1).decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            if self.open_still:
                self._seen = before  # half written: look again
                return None
            raise TriageError("the edited file cannot be read", str(error), "nothing was changed") from error
        if len(text) > MOST:
            raise TriageError("the edited file is too long", f"more than {MOST:,} characters", "nothing was changed")
        known, self._text = self._text, text
        return None if text == known else text

    def close(self) -> None:
        """The file goes; an editor that still has it open is left alone."""
        self._folder.cleanup()

    def _stamp(self) -> tuple[int, int, int]:
        try:
            found = self._file.stat()
        except OSError:
            return GONE
        return found.st_mtime_ns, found.st_size, found.st_ino
