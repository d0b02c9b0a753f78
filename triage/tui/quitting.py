"""How the app ends: what it started is killed first, and nobody waits for politeness."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from rich.console import RenderableType
from textual.app import App
from textual.driver import Driver

if TYPE_CHECKING:
    from triage.services.intake import IngestProcess
    from triage.tui.jobs import Jobs, Lane

PATIENCE = 0.06
"""Seconds that jobs have to put away their own folders, once their processes are gone."""


class Quits(App[None]):
    """The part of the app that knows how to end at once."""

    jobs: Jobs
    lane: Lane
    ingest: IngestProcess | None = None
    outsiders: frozenset[int] = frozenset()
    """Children that were there before the app (a demo's servers): not ours to end."""

    def get_driver_class(self) -> type[Driver]:
        found = super().get_driver_class()
        if found.__name__ != "LinuxDriver":  # a browser's, a test's
            return found
        from triage.tui.driver import PromptDriver

        return PromptDriver

    def remember_outsiders(self) -> None:
        """Call before anything is started. What an earlier app had no time to put away goes now."""
        from triage.services.leaving import children, clear_leftovers

        self.outsiders = children()
        threading.Thread(target=clear_leftovers, daemon=True).start()

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        self.end_work()
        super().exit(result, return_code, message)

    def end_work(self) -> None:
        """Stop all jobs and kill what they run. The ingest server finishes the batch that it is
        writing; programs that the user opened (an editor, a browser) are theirs and stay."""
        from triage.services.leaving import end_children
        from triage.tui.outside import opened

        self.jobs.stop()
        spared = set(self.outsiders) | opened()
        if self.ingest is not None:
            self.ingest.end_soon()
            spared.add(self.ingest.process.pid)
        end_children(spared)

    def end_rest(self) -> None:
        """After the screen is gone: whatever was started while the jobs were ending."""
        self.jobs.close(PATIENCE)
        self.lane.close()
        self.end_work()
