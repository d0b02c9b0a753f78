"""A mistake of ours in one handler does not end the app: it is logged, and said in one line."""

from __future__ import annotations

import logging
import time
from collections import deque

from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump

from triage.errors import TriageError
from triage.tui.messages import Said

LOG = logging.getLogger("triage.tui")
MOST, WITHIN = 10, 5.0
"""So many mistakes in so many seconds are one that comes again and again: then the app ends."""


class Survives(MessagePump):
    """For the app, its screens and widgets. Textual 8.2.8 ends a pump whose handler raises, and the
    app with a traceback on the screen. Tests (headless) still see the error."""

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            if self.app.is_headless:
                raise
            self.app._handle_exception(error)


class OutlivesMistakes(App[None], inherit_bindings=False):
    """The app's side: what nobody caught (in handlers, timers, callbacks) is logged and said."""

    fatal: TriageError | None = None
    """What ended the app, to be said once the terminal is back."""

    def __init__(self) -> None:
        super().__init__()
        self._mistakes: deque[float] = deque(maxlen=MOST)

    def _handle_exception(self, error: Exception) -> None:
        if self.is_headless:
            super()._handle_exception(error)
            return
        from triage.tui.jobs import unforeseen

        LOG.error("unforeseen", exc_info=error)
        told = unforeseen(error)
        now = time.monotonic()
        self._mistakes.append(now)
        again = len(self._mistakes) == MOST and now - self._mistakes[0] < WITHIN
        if self._running and self.screen_stack and not again:
            self.post_message(Said(str(told), warning=True))
        else:
            self.fatal = told
            self.exit(return_code=70)
