"""Slow work about an issue that outlives the screen that asked for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from triage.errors import TriageError
from triage.tui.jobs import Job, Jobs, in_words
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


def start(screen: TriageScreen, kind: str, label: str, issue_id: int, work: Work, *, alone: bool = True) -> Job:
    """Start `work`, or take over what an earlier screen started under this label. With `alone` it
    stops the screen's running job of the same kind.

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
            said = in_words(last)
        except TriageError as error:
            said = str(error)
            raise
        finally:
            if app.is_running:
                app.post_message(IssuesChanged((issue_id,)))
                if started and app.screen is not started[0].owner:
                    app.post_message(Said(f"{label}: {said}"))

    started.append(app.jobs.start(screen, kind, label, told, alone=alone))
    return started[0]


def draft_each(screen: TriageScreen, issue_ids: Sequence[int]) -> list[Job]:
    """Draft a test by replay for each issue, one after the other: each a job that can be stopped
    by itself, those that wait as well."""
    from triage.services.drafts import draft_by_replay
    from triage.services.steps import Step

    app = screen.triage
    turns = _turns.setdefault(app.jobs, asyncio.Lock())

    def one(issue_id: int) -> Work:
        async def work() -> AsyncIterator[object]:
            yield Step("waits for its turn")
            async with (
                turns,
                aclosing(
                    draft_by_replay(app.workspace, issue_id, app.fixes.get(issue_id))  # type: ignore[type-var]  # a generator
                ) as steps,
            ):
                async for step in steps:
                    yield step

        return work

    # Jobs are listed with the newest first and begin in the order in which they are started.
    return [
        start(screen, "draft", f"drafting T-{issue_id}", issue_id, one(issue_id), alone=False) for issue_id in issue_ids
    ]


_turns: WeakKeyDictionary[Jobs, asyncio.Lock] = WeakKeyDictionary()
