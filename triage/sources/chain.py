"""Putting exceptions that name each other by id into our order, whatever the ids claim."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from triage.domain.event import Link

_MEMBER = re.compile(r"exceptions\[(\d{1,6})\]")
_LINKS = {"__cause__": Link.CAUSE, "__context__": Link.CONTEXT}


@dataclass(frozen=True, slots=True)
class Claim:
    """What one exception's mechanism says of its place."""

    exception_id: int | None = None
    parent_id: int | None = None
    source: str | None = None
    is_group: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where one exception goes: its index on the wire, its parent's index in our order, its link."""

    index: int
    parent: int | None
    link: Link


def arrange(claims: Sequence[Claim]) -> list[Place]:
    """Places in canonical order: causes before what they caused, members in order before their group.

    Without parents the order on the wire is kept. Unknown parents and cycles are cut. Only
    what lies inside a group gets a parent (see `Event.exceptions`).
    """
    if all(claim.parent_id is None for claim in claims):
        return [Place(index, None, Link.UNKNOWN) for index in range(len(claims))]
    parents = _parents(claims)
    children: dict[int, list[int]] = {}
    for index, parent in enumerate(parents):
        if parent is not None:
            children.setdefault(parent, []).append(index)
    for siblings in children.values():
        siblings.sort(key=lambda index: _rank(claims[index]))
    order = _post_order([index for index, parent in enumerate(parents) if parent is None], children)
    position = {index: place for place, index in enumerate(order)}
    inside = [_lies_in_group(index, parents, claims) for index in range(len(claims))]
    places = []
    for index in order:
        parent = parents[index]
        kept = position[parent] if parent is not None and inside[index] else None
        places.append(Place(index, kept, _link(claims, index, parent)))
    return places


def _parents(claims: Sequence[Claim]) -> list[int | None]:
    by_id: dict[int, int] = {}
    for index, claim in enumerate(claims):
        if claim.exception_id is not None:
            by_id.setdefault(claim.exception_id, index)
    parents = [by_id.get(claim.parent_id) if claim.parent_id is not None else None for claim in claims]
    return [_uncycled(index, parents) for index in range(len(parents))]


def _uncycled(index: int, parents: list[int | None]) -> int | None:
    """The parent of `index`, or None (also noted in `parents`) when going up leads back to it."""
    seen = set()
    above = parents[index]
    while above is not None and above not in seen:
        if above == index:
            parents[index] = None
            break
        seen.add(above)
        above = parents[above]
    return parents[index]


def _rank(claim: Claim) -> tuple[int, int]:
    """Causes first, then members by number."""
    number = _MEMBER.fullmatch(claim.source or "")
    return (1, int(number.group(1))) if number else (0, 0)


def _link(claims: Sequence[Claim], index: int, parent: int | None) -> Link:
    source = claims[index].source or ""
    if source in _LINKS:
        return _LINKS[source]
    if parent is not None and (claims[parent].is_group or _MEMBER.fullmatch(source)):
        return Link.GROUP
    return Link.UNKNOWN


def _lies_in_group(index: int, parents: Sequence[int | None], claims: Sequence[Claim]) -> bool:
    at: int | None = index
    while at is not None:
        if _link(claims, at, parents[at]) is Link.GROUP:
            return True
        at = parents[at]
    return False


def _post_order(roots: Sequence[int], children: dict[int, list[int]]) -> list[int]:
    order: list[int] = []
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        index, done = stack.pop()
        if done:
            order.append(index)
            continue
        stack.append((index, True))
        stack.extend((child, False) for child in reversed(children.get(index, ())))
    return order
