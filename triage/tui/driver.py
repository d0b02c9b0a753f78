"""Textual's driver for terminals, whose input ends the moment it is told to."""

from __future__ import annotations

import contextlib
import os
import selectors
from codecs import getincrementaldecoder

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from triage.tui.escapes import Escapes, bound_with_alt

TICK = 0.1


class PromptDriver(LinuxDriver):
    """Textual's own (8.2.8) looks every 0.1 s whether its input has ended, and then waits once
    more: a fifth of a second at every quit and before every editor. Ours is woken by a pipe."""

    _wake: tuple[int, int] | None = None

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
                    given = os.read(self.fileno, 4096)
                    if not given:  # the terminal is gone
                        return
                    text = escapes.read(decode(given))
                else:
                    text = escapes.overdue()
                for event in parser.feed(text) if text else ():
                    self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
