"""What goes to the terminal: the cells that changed; over slow links nothing that can be spared."""

from __future__ import annotations

import os
from collections.abc import Mapping

from rich.color import ColorSystem
from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.events import DescendantFocus
from textual.screen import Screen

from triage.tui.delta import Delta, Encoded

NO_HOVER = "\x1b[?1003l\x1b[?1002h"
"""Mouse reports for buttons only: with 1003 every move over the window crosses the link."""


HOLD = 0.1
"""Seconds for which a screen that opens may stay unwritten; up to 100 ms is felt as at once
(Nielsen, Usability Engineering, 1993, chapter 5)."""


class Writes(App[None], inherit_bindings=False):
    """An app that writes differences. `remote`: over a slow link."""

    remote = False

    def __init__(self) -> None:
        super().__init__()
        self._delta = Delta()
        self._held: object = None

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Write the cells that changed, and nothing where none did."""
        if (
            not isinstance(renderable, CompositorUpdate)
            or self._driver is None
            or not self._running
            or self._closed
            or self.is_headless
            or self.is_inline
            or self._batch_count
        ):
            super()._display(screen, renderable)
            return
        if screen is self._held:
            self.post_display_hook()
            return
        self._delta.colours = None if colourless() else self.console._color_system or ColorSystem.TRUECOLOR
        sequence = self._delta.encode(renderable, *screen.outer_size)
        if sequence is None:
            super()._display(screen, renderable)
        elif sequence:
            super()._display(screen, Encoded(sequence))
        else:
            self.post_display_hook()

    def hold(self, screen: Screen[None]) -> None:
        """Write nothing of this screen until `let_go`, or for HOLD seconds: what it shows is on its
        way, and an empty frame first costs as much again."""
        self._held = screen
        screen.set_timer(HOLD * 4 if self.remote else HOLD, lambda: self.let_go(screen))

    def let_go(self, screen: Screen[None]) -> None:
        """What it shows is there."""
        if self._held is screen:
            self._held = None
            screen.refresh()

    def redraw(self) -> None:
        """Write the whole screen again, over whatever else was written on it."""
        self._delta.forget()
        self.screen.refresh()

    def on_resize(self) -> None:
        self._delta.forget()

    def on_ready(self) -> None:
        self._spare()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """A blinking cursor writes twice a second for ever: ours stands."""
        field = event.widget
        if getattr(field, "cursor_blink", False):
            field.cursor_blink = False  # type: ignore[attr-defined]  # text fields have it
            field._restart_blink()  # type: ignore[attr-defined]  # or it would not be seen

    def _resume_signal(self) -> None:
        self._delta.forget()
        super()._resume_signal()
        self._spare()

    def _spare(self) -> None:
        if self.remote and self._driver is not None and not self.is_headless:
            self._driver.write(NO_HOVER)


def colourless(environment: Mapping[str, str] | None = None) -> bool:
    """Whether no colours are wanted (https://no-color.org)."""
    return bool((os.environ if environment is None else environment).get("NO_COLOR"))


def over_ssh(environment: Mapping[str, str] | None = None) -> bool:
    """Whether the terminal is somewhere else."""
    environment = os.environ if environment is None else environment
    return bool(environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"))
