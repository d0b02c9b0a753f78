"""Events with the same fingerprint, as the inbox lists them."""

from dataclasses import dataclass
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

    `sort` is one of SORTS, each descending and backed by an index.
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


SORTS = ("last_seen", "first_seen", "count", "users")
