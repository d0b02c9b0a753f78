"""Events with the same fingerprint, as the inbox lists them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """Where an issue stands. SNOOZED is Sentry's archived-until."""

    UNRESOLVED = "unresolved"
    RESOLVED = "resolved"
    SNOOZED = "snoozed"


@dataclass(frozen=True, slots=True)
class Issue:
    """One row of the inbox. `trend` counts events in 12 equal buckets, oldest first.

    `covered`: whether any existing test runs a line of the code path; None until looked up.
    `draft`: the best draft's verdict word, None when there is no draft.
    `publication`: None, "branch" or "PR #12".
    """

    id: int
    short_id: str
    title: str
    culprit: str
    level: str
    status: Status
    count: int
    first_seen: datetime
    last_seen: datetime
    users: int = 0
    first_release: str | None = None
    last_release: str | None = None
    service: str | None = None
    assignee: str | None = None
    snoozed_until: datetime | None = None
    regressed: bool = False
    seen: bool = False
    covered: bool | None = None
    draft: str | None = None
    publication: str | None = None
    trend: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class IssueQuery:
    """What the inbox shows. `text` is full-text; the rest are exact filters (None: any).

    `assignee`, `service` and `first_release` may be NONE: issues that have none. `among` are
    (filter, values) of which an issue must have one, `excluded` (filter, values) of which it may
    have none; filters are those of FILTERS. `sort` is one of SORTS, each backed by an index, or
    of GROUPS: then the groups follow each other, the newest issue of each first. `group` is one
    of GROUPS or "": the list is cut into groups, which a store leaves to whoever shows them.
    """

    text: str = ""
    status: Status | None = Status.UNRESOLVED
    level: str | None = None
    release: str | None = None
    service: str | None = None
    assignee: str | None = None
    regressed: bool | None = None
    covered: bool | None = None
    has_draft: bool | None = None
    sort: str = "last_seen"
    first_release: str | None = None
    seen: bool | None = None
    published: bool | None = None
    among: tuple[tuple[str, tuple[str, ...]], ...] = ()
    excluded: tuple[tuple[str, tuple[str, ...]], ...] = ()
    group: str = ""


NONE = ""
"""The value of a filter that asks for issues which have no owner, no service, no release."""

SORTS = ("last_seen", "first_seen", "count", "users", "title")
"""Orders that a store reads from an index: titles from A on, the others with the largest first."""

GROUPS = ("service", "release", "owner", "level")
"""What issues are grouped by; `release` is the one they were first seen in."""

FILTERS = ("status", "level", "release", "service", "assignee", "first_release")
"""The names that `among` and `excluded` may use."""

LEVELS = ("fatal", "error", "warning", "info", "debug")
"""Worst first, as in `triage.domain.event.Level`; the list starts without the events."""

_FIELD = {"service": "service", "release": "first_release", "owner": "assignee", "level": "level"}


@dataclass(frozen=True, slots=True)
class Group:
    """The issues of a query that share a value (NONE: that have none), and how many they are."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class News:
    """What came since a mark: the latest new and regressed issues, how many there are of each in
    all, and the mark to ask from the next time."""

    mark: tuple[int, int]
    new: tuple[Issue, ...] = ()
    new_count: int = 0
    regressed: tuple[Issue, ...] = ()
    regressed_count: int = 0


def field_of(group: str) -> str:
    """The field of Issue and IssueQuery that a member of GROUPS goes by. KeyError for others."""
    return _FIELD[group]


def within(query: IssueQuery, group: str, value: str) -> IssueQuery:
    """The part of `query` whose issues belong to one group, newest first where the groups were the order."""
    sort = SORTS[0] if query.sort == group else query.sort
    part = replace(query, sort=sort, group="")
    match _FIELD[group]:
        case "service":
            return replace(part, service=value)
        case "first_release":
            return replace(part, first_release=value)
        case "assignee":
            return replace(part, assignee=value)
        case _:
            return replace(part, level=value)


def in_order(groups: Iterable[Group], group: str) -> list[Group]:
    """Groups as one reads them: levels worst first, the newest version first, else by name; NONE last."""
    found = [item for item in groups if item.count]
    if group == "level":
        found.sort(key=lambda item: LEVELS.index(item.value) if item.value in LEVELS else len(LEVELS))
    elif group == "release":
        found.sort(key=lambda item: natural(item.value), reverse=True)
    else:
        found.sort(key=lambda item: item.value.casefold())
    return sorted(found, key=lambda item: item.value == NONE)


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts the numbers inside texts by their size: `1.9` before `1.10`."""
    parts = re.split(r"([0-9]{1,18})", text.casefold())
    return tuple((1, int(part), "") if part.isdigit() and part.isascii() else (0, 0, part) for part in parts)
