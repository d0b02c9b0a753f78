"""Database rows to domain values and back."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from triage.domain.incoming import Kind
from triage.domain.issue import Issue, Status
from triage.errors import Unavailable
from triage.store.database import Row, Value

Clock = Callable[[], datetime]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

TREND_BUCKETS = 12
TREND_HOURS = 2
"""An issue's trend covers the last 24 hours."""
BUCKET = TREND_HOURS * 3_600_000_000

ISSUE = (
    "id, title, culprit, level, status, count, first_seen, last_seen, users, first_release, last_release,"
    " service, assignee, snoozed_until, regressed, seen, covered, draft, publication, trend_end, trend"
)


@dataclass(frozen=True, slots=True)
class Activity:
    """One line of an issue's history. `who` is a person, or "triage"."""

    when: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class RawEvent:
    """A stored event with its payload, byte for byte as it came."""

    event_id: str
    kind: Kind
    raw: bytes
    occurred_at: datetime
    release: str | None
    environment: str | None
    source: str


def to_micros(when: datetime) -> int:
    """Microseconds since 1970; a naive time counts as UTC."""
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return (when - EPOCH) // MICROSECOND


def to_time(micros: int) -> datetime:
    """The aware time, in UTC."""
    return EPOCH + timedelta(microseconds=micros)


def clean(text: str, limit: int) -> str:
    """At most `limit` characters that every database takes: no NUL, no lone surrogates."""
    text = text[:limit]
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "�").encode("utf-8", "replace").decode("utf-8")


def clean_or_none(text: str | None, limit: int) -> str | None:
    """As `clean`; empty counts as not known."""
    return clean(text, limit) or None if text else None


def to_issue(row: Row, now: int) -> Issue:
    """A row of the ISSUE columns; `now` places the trend and ends snoozes that are over.

    Raises Unavailable for a row that no version of this program wrote.
    """
    try:
        return _to_issue(row, now)
    except (ValueError, TypeError, OverflowError) as error:
        detail = f"issue {row[0]}: {error}"
        raise Unavailable("the store is damaged", detail, "put a backup in its place") from error


def _to_issue(row: Row, now: int) -> Issue:
    status = Status(row[4])
    snoozed_until = row[13]
    if status is Status.SNOOZED and snoozed_until is not None and snoozed_until <= now:
        status, snoozed_until = Status.UNRESOLVED, None
    return Issue(
        id=row[0],
        short_id=f"T-{row[0]}",
        title=row[1],
        culprit=row[2],
        level=row[3],
        status=status,
        count=row[5],
        first_seen=to_time(row[6]),
        last_seen=to_time(row[7]),
        users=row[8],
        first_release=row[9],
        last_release=row[10],
        service=row[11],
        assignee=row[12],
        snoozed_until=None if snoozed_until is None else to_time(snoozed_until),
        regressed=bool(row[14]),
        seen=bool(row[15]),
        covered=None if row[16] is None else bool(row[16]),
        draft=row[17],
        publication=row[18],
        trend=read_trend(row[19], row[20], now // BUCKET),
    )


def read_trend(end: int, text: str, current: int) -> tuple[int, ...]:
    """Counts of the TREND_BUCKETS buckets up to number `current`, oldest first.

    Events that are ahead of the clock count into the current bucket.
    """
    counts = [0] * TREND_BUCKETS
    if not text:
        return tuple(counts)
    stored = text.split(",")
    for age, number in enumerate(reversed(stored)):
        index = TREND_BUCKETS - 1 - max(0, current - end + age)
        if index < 0:
            break
        counts[index] += int(number)
    return tuple(counts)


def add_trend(end: int, text: str, added: Mapping[int, int]) -> tuple[int, str]:
    """The stored form of a trend with `added` events (bucket number to count) in it."""
    counts = dict(added)
    if text:
        for age, number in enumerate(reversed(text.split(","))):
            counts[end - age] = counts.get(end - age, 0) + int(number)
    end = max(counts)
    oldest = max(min(counts), end - TREND_BUCKETS + 1)
    return end, ",".join(str(counts.get(bucket, 0)) for bucket in range(oldest, end + 1))


def to_json(columns: Mapping[str, Value]) -> str:
    """Columns of a change, as stored."""
    return json.dumps(columns, sort_keys=True)
