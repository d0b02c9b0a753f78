"""Asks the forge what became of the pull requests, and lets their issues follow."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from triage.domain.following import Following, in_words
from triage.domain.issue import Status
from triage.domain.publication import Publication
from triage.domain.verdict import Verdict
from triage.errors import NotFound, Refused, TriageError
from triage.services.steps import Step
from triage.services.workspace import Workspace

if TYPE_CHECKING:
    from triage.forge.detect import Forge
    from triage.forge.github_answers import Pull

FIRST_PAUSE, LONGEST_PAUSE = 10.0, 120.0
"""Seconds between two looks at a pull request: GitHub asks for patience, checks take minutes."""


@dataclass(frozen=True, slots=True)
class Followed:
    """How a pull request stands now; `news` is what changed since the last look, a line each."""

    publication: Publication
    news: tuple[str, ...]
    words: str


def following(workspace: Workspace, issue_id: int | None = None) -> list[Publication]:
    """The pull requests to look after: all that may still change, or those of one issue."""
    if issue_id is None:
        return workspace.store.unsettled()
    return [item for item in workspace.store.publications(issue_id) if not item.undone and item.number is not None]


def next_pause(pause: float, news: tuple[str, ...]) -> float:
    """Seconds until the next look: soon while something happens, then ever longer."""
    return FIRST_PAUSE if news else min(pause * 1.5, LONGEST_PAUSE)


async def follow(workspace: Workspace, publications: list[Publication]) -> AsyncIterator[Step | Followed]:
    """Look at each pull request once. Raises TriageError when the forge cannot be asked; what
    was learned until then is kept."""
    from triage.forge.detect import detect

    forges: dict[str, Forge] = {}
    for place, publication in enumerate(publications, 1):
        if publication.number is None or publication.undone:
            continue
        if publication.remote not in forges:
            forges[publication.remote] = await detect(workspace.repo, publication.remote, workspace.config.forge)
        forge = forges[publication.remote]
        if forge.blocker:
            raise Refused("cannot look at pull requests", forge.blocker, "the last known state stays")
        yield Step(f"looking at {publication.name}", place, len(publications))
        yield await _look(workspace, forge, publication)


async def _look(workspace: Workspace, forge: Forge, publication: Publication) -> Followed:
    assert publication.number is not None
    pull = await forge.pull(publication.number)
    seen = Following(
        at=datetime.now(UTC),
        state=pull.state,
        draft=pull.draft,
        head=pull.head,
        conflicts=pull.conflicts,
        merged_at=pull.merged_at,
        merge_commit=pull.merge_commit,
    )
    seen = await _with_checks(forge, publication.number, seen)
    if pull.state == "merged":
        seen = await _with_release(workspace, forge, publication, pull, seen)
    before = publication.following
    news = workspace.store.set_following(publication.id, seen)
    if seen.state == "merged" and (before is None or before.state != "merged"):
        workspace.store.set_covered(publication.issue_id, True)
    if resolved := await _resolve(workspace, publication, seen, news):
        news = (*news, resolved)
    return Followed(dataclasses.replace(publication, following=seen), news, in_words(seen))


async def _with_checks(forge: Forge, number: int, seen: Following) -> Following:
    """Checks and reviews; a token that may not read them costs a note, not the rest."""
    try:
        checks = await forge.checks(seen.head) if seen.head else ()
        return dataclasses.replace(seen, checks=checks, reviews=await forge.reviews(number))
    except (Refused, NotFound) as error:
        return dataclasses.replace(seen, note=f"checks are not shown: {error.hint or error.title}")


async def _with_release(
    workspace: Workspace, forge: Forge, publication: Publication, pull: Pull, seen: Following
) -> Following:
    from triage.forge.released import released_in

    if pull.merge_commit is None or not pull.base:
        return seen
    try:
        released = await released_in(
            workspace.repo, publication.remote, pull.merge_commit, pull.base, token=forge.token
        )
    except TriageError as error:
        return dataclasses.replace(seen, note=f"releases could not be read: {error.title}")
    return dataclasses.replace(seen, released=released)


async def _resolve(
    workspace: Workspace, publication: Publication, seen: Following, news: tuple[str, ...]
) -> str | None:
    """Resolve the issue once the test is merged, the bug shown to be fixed, and the fix out.

    A merged test alone fixes nothing: its draft must have passed on a fix, or the forge's
    checks on the merged commit. Where releases are tagged it waits for the tag: until then
    production still runs the bug. One undoable action, made once.
    """
    from triage.forge.released import has_tags

    if seen.state != "merged" or not news:
        return None
    fixed = workspace.store.evidence(publication.draft_id).after
    if not seen.green and (fixed is None or fixed.verdict is not Verdict.PASSES):
        return None
    if seen.released is None and await has_tags(workspace.repo):
        return None
    if workspace.store.issue(publication.issue_id).status is Status.RESOLVED:
        return None
    workspace.store.resolve([publication.issue_id], seen.released)
    return f"T-{publication.issue_id} resolved" + (f" in {seen.released}" if seen.released else "")
