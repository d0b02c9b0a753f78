"""Stores a batch of events: one transaction, one aggregated upsert for each issue in it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from threading import local
from typing import TYPE_CHECKING

from triage.domain.event import Level
from triage.domain.incoming import IncomingEvent, Kind
from triage.domain.issue import Status
from triage.errors import Unavailable
from triage.store.database import Database, Row, Transaction, Value
from triage.store.releases import is_older
from triage.store.rows import BUCKET, add_trend, clean, clean_or_none, to_micros
from triage.store.words import index_words

if TYPE_CHECKING:
    from zstandard import ZstdCompressor

LEVELS = frozenset(Level)
AHEAD = 86_400_000_000
"""A sender's clock may run a day ahead; what claims to be later than that happened now."""
ZSTD_LEVEL = 1

CHANGING = (
    "status", "count", "users", "first_seen", "last_seen", "first_release", "last_release", "service", "resolved_at",
    "resolved_release", "regressed", "seen", "trend_end", "trend", "best_event", "best_rank", "best_at",
)  # fmt: skip
"""The columns of an issue that an event may change."""

_compressors = local()


@dataclass(slots=True)
class _Arrival:
    """One event that is not stored yet, ready for its row."""

    index: int
    event_id: str
    kind: str
    rank: int
    payload: bytes
    at: int
    release: str | None
    environment: str | None
    source: str


@dataclass(slots=True)
class _Group:
    """The arrivals of one issue in this batch, oldest first once sorted."""

    first: IncomingEvent
    arrivals: list[_Arrival] = field(default_factory=list)
    users: set[int] = field(default_factory=set)
    service: str | None = None


@dataclass(slots=True)
class _Writes:
    """The rows one batch writes, by table."""

    inserts: list[tuple[Value, ...]] = field(default_factory=list)
    updates: dict[tuple[str, ...], list[tuple[Value, ...]]] = field(default_factory=dict)
    regressions: list[tuple[Value, ...]] = field(default_factory=list)
    events: list[tuple[Value, ...]] = field(default_factory=list)
    payloads: list[tuple[Value, ...]] = field(default_factory=list)
    releases: list[tuple[Value, ...]] = field(default_factory=list)


def add_events(database: Database, batch: Sequence[IncomingEvent], now: datetime) -> list[int | None]:
    """Store `batch`, durably once this returns; see Store.add_events."""
    if not batch:
        return []
    clock = to_micros(now)
    arrivals = _prepare(batch, clock)
    with database.write(bulk=True) as transaction:
        return _store(transaction, batch, arrivals, clock)


def _prepare(batch: Sequence[IncomingEvent], clock: int) -> list[_Arrival]:
    compressor = _compressor()
    arrivals = []
    for index, event in enumerate(batch):
        at = to_micros(event.occurred_at)
        arrivals.append(
            _Arrival(
                index=index,
                event_id=clean(event.event_id, 200),
                kind=event.kind.value,
                rank=completeness(event.kind, event.raw),
                payload=compressor.compress(event.raw),
                at=at if at <= clock + AHEAD else clock,
                release=clean_or_none(event.release, 200),
                environment=clean_or_none(event.environment, 200),
                source=clean(event.source, 100),
            )
        )
    return arrivals


def completeness(kind: Kind, raw: bytes) -> int:
    """How much an event is worth for showing and replaying, guessed from its bytes.

    0: text traceback. 1: structured. 2: with captured values. 3: with the request as well.
    """
    if kind is Kind.TRACEBACK:
        return 0
    if b'"vars"' not in raw:
        return 1
    # From behind: SDKs write the request last, and most of an event is its stack.
    return 3 if raw.rfind(b'"request"') >= 0 else 2


def _store(
    transaction: Transaction, batch: Sequence[IncomingEvent], arrivals: list[_Arrival], clock: int
) -> list[int | None]:
    stored = {
        row[0] for row in _select_in(transaction, "event_id", "event", "event_id", [item.event_id for item in arrivals])
    }
    groups: dict[str, _Group] = {}
    for arrival in arrivals:
        if arrival.event_id in stored:
            continue
        stored.add(arrival.event_id)
        event = batch[arrival.index]
        key = clean(event.fingerprint, 200)
        group = groups.get(key)
        if group is None:
            group = groups[key] = _Group(event)
        group.arrivals.append(arrival)
        group.service = group.service or clean_or_none(event.service, 200)
        if event.user:
            group.users.add(hash_user(event.user))
    ids: list[int | None] = [None] * len(batch)
    if not groups:
        return ids
    transaction.run("UPDATE revision SET value = value + 1")
    columns = ", ".join(("fingerprint", "id", *CHANGING))
    known = {row[0]: row for row in _select_in(transaction, columns, "issue", "fingerprint", list(groups))}
    next_issue = int(transaction.read("SELECT coalesce(max(id), 0) + 1 FROM issue")[0][0])
    next_event = int(transaction.read("SELECT coalesce(max(id), 0) + 1 FROM event")[0][0])
    writes = _Writes()
    for fingerprint, group in groups.items():
        group.arrivals.sort(key=lambda item: item.at)
        row = known.get(fingerprint)
        issue_id = next_issue if row is None else int(row[1])
        _add_events_of(writes, group, issue_id, next_event)
        fresh_users = _add_users(transaction, issue_id, group.users)
        if row is None:
            next_issue += 1
            writes.inserts.append(_new_issue(fingerprint, issue_id, group, next_event, fresh_users))
        else:
            _change_issue(writes, row, group, next_event, fresh_users, clock)
        next_event += len(group.arrivals)
        for arrival in group.arrivals:
            ids[arrival.index] = issue_id
    _write(transaction, writes)
    return ids


def _add_events_of(writes: _Writes, group: _Group, issue_id: int, first_id: int) -> None:
    releases: dict[str, list[int]] = {}
    for number, item in enumerate(group.arrivals, first_id):
        writes.payloads.append((number, item.payload))
        writes.events.append(
            (number, item.event_id, issue_id, item.kind, item.at, item.release, item.environment, item.source)
        )
        if item.release:
            releases.setdefault(item.release, []).append(item.at)
    for release, times in releases.items():
        writes.releases.append((release, issue_id, len(times), times[0], times[-1]))


def _best(group: _Group, first_id: int) -> tuple[int, int, int]:
    """(rank, time, event row) of the most complete arrival, the latest of those."""
    return max((item.rank, item.at, number) for number, item in enumerate(group.arrivals, first_id))


def _buckets(group: _Group) -> dict[int, int]:
    counts: dict[int, int] = {}
    for item in group.arrivals:
        counts[item.at // BUCKET] = counts.get(item.at // BUCKET, 0) + 1
    return counts


def _new_issue(fingerprint: str, issue_id: int, group: _Group, first_id: int, users: int) -> tuple[Value, ...]:
    event, oldest, newest = group.first, group.arrivals[0], group.arrivals[-1]
    named = [item.release for item in group.arrivals if item.release]
    rank, at, best = _best(group, first_id)
    trend_end, trend = add_trend(0, "", _buckets(group))
    title, culprit = clean(event.title, 1_000), clean(event.culprit, 500)
    return (
        issue_id,
        fingerprint,
        title,
        culprit,
        event.level if event.level in LEVELS else Level.ERROR.value,
        Status.UNRESOLVED.value,
        len(group.arrivals),
        users,
        oldest.at,
        newest.at,
        named[0] if named else None,
        named[-1] if named else None,
        group.service,
        0,
        0,
        trend_end,
        trend,
        best,
        rank,
        at,
        index_words(title, culprit, event.search),
    )


def _change_issue(writes: _Writes, row: Row, group: _Group, first_id: int, fresh_users: int, clock: int) -> None:
    """Note which columns of a known issue change. Only these are written: SQLite touches every
    index whose columns a statement names, even where the value stays."""
    was = dict(zip(CHANGING, row[2:], strict=True))
    now = dict(was)
    issue_id = int(row[1])
    now["count"] += len(group.arrivals)
    now["users"] += fresh_users
    now["first_seen"] = min(was["first_seen"], group.arrivals[0].at)
    now["last_seen"] = max(was["last_seen"], group.arrivals[-1].at)
    now["service"] = was["service"] or group.service
    named = [item for item in group.arrivals if item.release]
    if named and (was["first_release"] is None or named[0].at < was["first_seen"]):
        now["first_release"] = named[0].release
    if named and (was["last_release"] is None or named[-1].at >= was["last_seen"]):
        now["last_release"] = named[-1].release
    if was["status"] == Status.RESOLVED.value:
        back = next(
            (item for item in group.arrivals if _reopens(item, was["resolved_at"], was["resolved_release"])), None
        )
        if back is not None:
            what = _regression(back.release, was["resolved_release"])
            writes.regressions.append((issue_id, clock, "triage", what))
            now |= {"status": Status.UNRESOLVED.value, "regressed": 1, "seen": 0}
            now |= {"resolved_at": None, "resolved_release": None}
    rank, at, best = _best(group, first_id)
    if (rank, at) >= (was["best_rank"], was["best_at"]):
        now |= {"best_event": best, "best_rank": rank, "best_at": at}
    now["trend_end"], now["trend"] = add_trend(was["trend_end"], was["trend"], _buckets(group))
    changed = {name: value for name, value in now.items() if value != was[name]}
    writes.updates.setdefault(tuple(changed), []).append((*changed.values(), issue_id))


def _reopens(arrival: _Arrival, resolved_at: int | None, resolved_release: str | None) -> bool:
    """A resolved issue is back, unless this comes from an older release that still runs
    somewhere, or out of an imported file and happened before the issue was resolved."""
    if is_older(arrival.release, resolved_release):
        return False
    return arrival.source == "ingest" or resolved_at is None or arrival.at > resolved_at


def _regression(release: str | None, resolved_release: str | None) -> str:
    where = f" in {release}" if release else ""
    then = f" (was resolved in {resolved_release})" if resolved_release else ""
    return f"regressed: seen again{where}{then}"


def _add_users(transaction: Transaction, issue_id: int, users: set[int]) -> int:
    if not users:
        return 0
    return transaction.run_many(
        "INSERT INTO issue_user (issue_id, user_hash) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(issue_id, user) for user in users],
    )


def _write(transaction: Transaction, writes: _Writes) -> None:
    if writes.inserts:
        transaction.run_many(
            "INSERT INTO issue (id, fingerprint, title, culprit, level, status, count, users, first_seen, last_seen,"
            " first_release, last_release, service, regressed, seen, trend_end, trend, best_event, best_rank,"
            " best_at, search) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            writes.inserts,
        )
    for names, rows in writes.updates.items():
        assignments = ", ".join(f"{name} = ?" for name in names)
        transaction.run_many(f"UPDATE issue SET {assignments} WHERE id = ?", rows)
    if writes.regressions:
        transaction.run_many("INSERT INTO activity (issue_id, at, who, what) VALUES (?, ?, ?, ?)", writes.regressions)
    transaction.run_many(
        "INSERT INTO event (id, event_id, issue_id, kind, occurred_at, release, environment, source)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        writes.events,
    )
    transaction.run_many("INSERT INTO payload (id, raw) VALUES (?, ?)", writes.payloads)
    if writes.releases:
        transaction.run_many(
            "INSERT INTO issue_release (release, issue_id, count, first_seen, last_seen) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (release, issue_id) DO UPDATE SET count = issue_release.count + excluded.count,"
            " first_seen = CASE WHEN excluded.first_seen < issue_release.first_seen THEN excluded.first_seen"
            " ELSE issue_release.first_seen END,"
            " last_seen = CASE WHEN excluded.last_seen > issue_release.last_seen THEN excluded.last_seen"
            " ELSE issue_release.last_seen END",
            writes.releases,
        )


def _select_in(transaction: Transaction, columns: str, table: str, key: str, values: list[str]) -> list[Row]:
    found: list[Row] = []
    for start in range(0, len(values), 5_000):
        chunk = json.dumps(values[start : start + 5_000])
        found += transaction.read(f"SELECT {columns} FROM {table} WHERE {key} IN ({transaction.listing})", (chunk,))
    return found


def hash_user(user: str) -> int:
    """64 bits for a user, as a signed integer: distinct users are counted exactly but for
    hash collisions (one in 10^9 at 200,000 users), and no user is stored in clear."""
    return int.from_bytes(blake2b(user.encode("utf-8", "replace"), digest_size=8).digest(), signed=True)


def _compressor() -> "ZstdCompressor":
    import zstandard

    if not hasattr(_compressors, "value"):
        _compressors.value = zstandard.ZstdCompressor(level=ZSTD_LEVEL)
    compressor: ZstdCompressor = _compressors.value
    return compressor


def decompress(payload: bytes) -> bytes:
    """The raw bytes of a stored payload. Raises Unavailable when they are damaged."""
    import zstandard

    try:
        return zstandard.ZstdDecompressor().decompress(payload)
    except (zstandard.ZstdError, TypeError) as error:
        raise Unavailable("a stored event is damaged", str(error), "look at another event of the issue") from error


def unpacked_size(head: bytes) -> int:
    """How many bytes a stored payload unpacks to, told by its first 18 bytes or more. Raises
    Unavailable when they are damaged."""
    import zstandard

    try:
        return int(zstandard.get_frame_parameters(head).content_size)
    except (zstandard.ZstdError, TypeError) as error:
        raise Unavailable("a stored event is damaged", str(error), "look at another event of the issue") from error
