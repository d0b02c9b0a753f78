"""Keys one after the other: the next goes to where the one before it has led."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.worker import WorkerCancelled, WorkerFailed

PATIENCE = 0.5
"""Seconds for a key to take effect; then the next one goes on regardless."""

ROUNDS = 2
"""How often the queues are gone through: a key's own message may ask for one more (Enter in a text
field becomes `Submitted`, which its screen answers)."""


class TakesKeys(App[None], inherit_bindings=False):
    """Textual (8.2.8) hands every key to the widget that has the focus when the key arrives. Keys
    typed ahead, or bunched by a slow link, then miss the screen or field that the key before them
    opened. Here each waits until the one before has been dealt with."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Event] = deque()
        self._dealing: asyncio.Task[None] | None = None

    async def on_event(self, event: events.Event) -> None:
        # Tests press one key at a time and wait by themselves.
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded or self.is_headless:
            await super().on_event(event)
        elif self._dealing is not None and not self._dealing.done():
            self._typed.append(event)
        else:
            await super().on_event(event)
            self._dealing = asyncio.create_task(self._deal())

    async def _deal(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._dealt(), PATIENCE)
            except TimeoutError:
                pass
            if not self._typed or not self._running:
                return
            await super().on_event(self._typed.popleft())

    async def _dealt(self) -> None:
        """Wait until all that a key went through has come to what was behind it."""
        for _ in range(ROUNDS):
            focused = self.screen.focused if self.screen_stack else None
            for pump in (focused, *self.screen_stack[-1:], self):
                if pump is not None:
                    await _reached(pump)
        worker = getattr(self.screen, "keys_wait", None) if self.screen_stack else None
        if worker is not None and not worker.is_finished:
            with contextlib.suppress(WorkerFailed, WorkerCancelled):
                await worker.wait()


async def _reached(pump: MessagePump) -> None:
    """Wait until the messages that are in a queue now have been handled."""
    reached = asyncio.Event()
    if pump.is_running and pump.call_later(reached.set):
        await reached.wait()
