"""A mistake of ours in one handler does not end the app: it is logged, and said in one line."""

from __future__ import annotations

import logging

from textual.message import Message
from textual.message_pump import MessagePump

from triage.tui.messages import Said

LOG = logging.getLogger("triage.tui")


class Survives(MessagePump):
    """For the app and its screens. Textual 8.2.8 ends a pump whose handler raises, and the app
    with a traceback on the screen. Tests (headless) still see the error."""

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            if self.app.is_headless:
                raise
            from triage.tui.jobs import unforeseen

            LOG.exception("unforeseen, in %s", type(message).__name__)
            if not isinstance(message, Said):
                self.app.post_message(Said(str(unforeseen(error)), warning=True))
