"""Textual's driver for terminals, whose input ends the moment it is told to."""

from __future__ import annotations

import contextlib
import os
import selectors
from codecs import getincrementaldecoder
from typing import Any, TextIO, cast

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from triage.tui.escapes import Escapes, bound_with_alt

TICK = 0.1


class Lasting:
    """A terminal to write to that may go away: then what is written is lost. Textual's writer
    would end with an error, and the app wait for it for ever."""

    def __init__(self, file: TextIO) -> None:
        self._terminal = file

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self._terminal.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._terminal.flush()

    def fileno(self) -> int:
        return self._terminal.fileno()

    def isatty(self) -> bool:
        return self._terminal.isatty()


class PromptDriver(LinuxDriver):
    """Textual's own (8.2.8) looks every 0.1 s whether its input has ended, and then waits once
    more: a fifth of a second at every quit and before every editor. Ours is woken by a pipe."""

    _wake: tuple[int, int] | None = None

    def __init__(self, app: App[object], **options: Any) -> None:  # as Textual's App passes them
        super().__init__(app, **options)
        if self._file is not None:
            self._file = cast("Any", Lasting(self._file))

    def disable_input(self) -> None:
        if self._wake is not None:
            with contextlib.suppress(OSError):
                os.write(self._wake[1], b"x")
        super().disable_input()
        wake, self._wake = self._wake, None
        for end in wake or ():
            os.close(end)

    def run_input_thread(self) -> None:
        """Read the terminal and hand on its events, until `exit_event` is set."""
        wake = self._wake = os.pipe()
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        keys = frozenset(key for keys in getattr(self._app, "bound_keys", ()) for key in keys)
        escapes = Escapes(bound_with_alt(keys))
        with selectors.SelectSelector() as selector:
            terminal = selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(wake[0], selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if any(key is terminal for key, _ in selector.select(TICK)):
                    try:
                        given = os.read(self.fileno, 4096)
                    except OSError:
                        given = b""
                    if not given:  # the terminal is gone
                        self._app.call_later(self._app.exit)
                        return
                    text = escapes.read(decode(given))
                else:
                    text = escapes.overdue()
                for event in parser.feed(text) if text else ():
                    self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
