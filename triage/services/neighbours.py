"""Issues that look like this one, and why we think so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from triage.domain.event import Event
from triage.domain.issue import Issue
from triage.errors import TriageError
from triage.services.workspace import Workspace

MOST = 12
READ = 8
"""So many of the nearest are read to compare their stacks."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An issue that is like this one. `nearness` runs from 0 to 1, `why` says what they share."""

    issue: Issue
    nearness: float
    why: str


def neighbours(workspace: Workspace, issue: Issue, event: Event | None) -> tuple[Neighbour, ...]:
    """At most MOST other issues, the nearest first: same function, same error in the same file,
    same words elsewhere; of the nearest the stacks are compared. Asks only the store."""
    store = workspace.store
    kind = event.crash.type if event is not None and event.crash is not None else issue.title.partition(":")[0]
    place = issue.culprit.partition(" in ")[2]
    found: dict[int, Neighbour] = {}

    def add(items: Iterator[tuple[Issue, float, str]]) -> None:
        for other, nearness, why in items:
            if other.id not in found:
                found[other.id] = Neighbour(other, nearness, why)

    def of_function() -> Iterator[tuple[Issue, float, str]]:
        for other in store.same_function(issue):
            same = _type(other) == kind
            yield other, 0.8 if same else 0.5, f"same error in {place}" if same else f"another error in {place}"

    add(of_function())
    add((other, 0.4, f"{kind} in the same file") for other in store.same_type(issue, kind))
    add((other, 0.2, "the same words, somewhere else") for other in store.same_message(issue))
    ranked = sorted(found.values(), key=lambda item: (-item.nearness, -item.issue.id))[:MOST]
    mine = _own_frames(event)
    if mine:
        ranked[:READ] = [_compared(workspace, item, mine) for item in ranked[:READ]]
        ranked.sort(key=lambda item: (-item.nearness, -item.issue.id))
    return tuple(ranked)


def _compared(workspace: Workspace, item: Neighbour, mine: frozenset[tuple[str, str]]) -> Neighbour:
    """The same with what the two stacks share of the program's own functions."""
    from triage.services.inspect import glance

    try:
        _, other = glance(workspace, item.issue.id)
    except TriageError:
        return item
    theirs = _own_frames(other)
    shared = len(mine & theirs)
    if not shared:
        return item
    alike = shared / len(mine | theirs)
    words = f"{shared} of {len(mine)} function{'s' * (len(mine) != 1)} of the stack shared"
    return Neighbour(item.issue, item.nearness + 0.2 * alike, f"{item.why}; {words}")


def _own_frames(event: Event | None) -> frozenset[tuple[str, str]]:
    crash = event.crash if event is not None else None
    return frozenset((frame.path, frame.function) for frame in (crash.frames if crash else ()) if frame.in_app)


def _type(issue: Issue) -> str:
    return issue.title.partition(":")[0]
