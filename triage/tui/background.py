"""Slow work about an issue that outlives the screen that asked for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from triage.errors import TriageError
from triage.tui.jobs import Job
from triage.tui.messages import IssuesChanged, Said

if TYPE_CHECKING:
    from triage.tui.screens.base import TriageScreen

Work = Callable[[], "AsyncIterator[object]"]


def running(screen: TriageScreen, kind: str, label: str) -> Job | None:
    """The running job of this kind and label, from now on `screen`'s; None when there is none."""
    for job in screen.triage.jobs.running:
        if job.kind == kind and job.label == label:
            job.owner = screen
            return job
    return None


def start(screen: TriageScreen, kind: str, label: str, issue_id: int, work: Work) -> Job:
    """Start `work`, or take over what an earlier screen started under this label.

    However it ends, all screens learn that the issue changed; if nobody looks at the screen
    that asked, the one that is shown says how it ended.
    """
    if (job := running(screen, kind, label)) is not None:
        return job
    app = screen.triage
    started: list[Job] = []

    async def told() -> AsyncIterator[object]:
        last: object = None
        said = "stopped"
        try:
            async with aclosing(work()) as items:  # type: ignore[type-var]  # services are generators
                async for item in items:
                    last = item
                    yield item
            said = _in_words(last)
        except TriageError as error:
            said = str(error)
            raise
        finally:
            if app.is_running:
                app.post_message(IssuesChanged((issue_id,)))
                if started and app.screen is not started[0].owner:
                    app.post_message(Said(f"{label}: {said}"))

    started.append(app.jobs.start(screen, kind, label, told))
    return started[0]


def _in_words(result: object) -> str:
    from triage.services.steps import Drafted, Verified

    if isinstance(result, Verified):
        return result.evidence.line
    if isinstance(result, Drafted):
        return result.evidence.line if result.draft and result.evidence else result.why or "no draft"
    return "done"
