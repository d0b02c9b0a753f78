"""Looks at pull requests again and again, off the screen's thread, and tells what is new.

No job: nobody asked for it, so it neither shows among the jobs nor holds up quitting.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from triage.errors import TriageError
from triage.tui.jobs import Lane
from triage.tui.messages import IssuesChanged, Said

if TYPE_CHECKING:
    from triage.domain.publication import Publication
    from triage.services.follow import Followed
    from triage.tui.app import TriageApp

LOG = logging.getLogger("triage.tui")
EVERY = 300.0
"""Seconds between two looks at all pull requests while the app is open."""
MOST = 20


class Follower:
    """The app's eye on its pull requests."""

    def __init__(self, app: TriageApp) -> None:
        self._app = app
        self._lane = Lane("forge")
        self.trouble: TriageError | None = None

    async def look_at_all(self) -> None:
        """Ask after all that may still change; what is new is said on the screen."""
        from triage.services.follow import following

        app = self._app
        if not app.workspace.config.forge.follow:
            return
        try:
            pulls = await app.lane.run(lambda: following(app.workspace)[:MOST])
            news = [line for item in await self.look(pulls) for line in item.news]
        except TriageError as error:
            LOG.warning("pull requests could not be looked at: %s", error)
            return
        if news:
            more = f" (and {len(news) - 1} more)" if len(news) > 1 else ""
            app.post_message(Said(f"{news[0]}{more}"))

    async def look(self, pulls: list[Publication]) -> list[Followed]:
        """Ask after these, now. Raises TriageError; `trouble` keeps it until a look succeeds."""
        if not pulls:
            return []
        workspace = self._app.workspace

        async def ask() -> list[Followed]:
            from triage.services.follow import Followed, follow

            return [item async for item in follow(workspace, pulls) if isinstance(item, Followed)]

        try:
            looked = await self._lane.run(lambda: asyncio.run(ask()))
        except TriageError as error:
            self.trouble = error
            raise
        self.trouble = None
        changed = tuple(item.publication.issue_id for item in looked if item.news)
        if changed:
            self._app.post_message(IssuesChanged(changed))
        return looked

    def close(self) -> None:
        self._lane.close()
