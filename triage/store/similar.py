"""Issues that may be the same bug, and how one was seen over time."""

from triage.domain.issue import Issue
from triage.domain.occurrence import Occurrences, SeenIn, bucket_width
from triage.store.database import Database
from triage.store.rows import ISSUE, to_issue, to_time
from triage.store.words import words

MOST_WORDS = 8


def same_function(database: Database, issue: Issue, now: int, limit: int) -> list[Issue]:
    """Other issues whose crash lies in the same function, the latest issue first."""
    if not issue.culprit:
        return []
    return _matching(database, words(issue.culprit), "i.culprit = ?", (issue.culprit,), issue.id, now, limit)


def same_type(database: Database, issue: Issue, kind: str, now: int, limit: int) -> list[Issue]:
    """Other issues whose title begins with the same error type and whose crash lies in the same
    file, the latest issue first."""
    place = issue.culprit.partition(" in ")[0]
    if not kind or not place:
        return []
    start = f"{kind}:"
    condition = "substr(i.title, 1, ?) = ? AND substr(i.culprit, 1, ?) = ?"
    given = (len(start), start, len(place) + 4, f"{place} in ")
    return _matching(database, [*words(place), *words(kind)], condition, given, issue.id, now, limit)


def same_message(database: Database, issue: Issue, now: int, limit: int) -> list[Issue]:
    """Other issues with the very same title, wherever they crash."""
    rows = database.read(
        f"SELECT {ISSUE} FROM issue WHERE title = ? AND id <> ? ORDER BY id DESC LIMIT ?",
        (issue.title, issue.id, limit),
    )
    return [to_issue(row, now) for row in rows]


def _matching(
    database: Database,
    wanted: list[str],
    condition: str,
    given: tuple[str | int, ...],
    but: int,
    now: int,
    limit: int,
) -> list[Issue]:
    """Issues that hold all these words and fulfil the condition."""
    named = wanted[:MOST_WORDS]
    if not named:
        return []
    columns = ", ".join(f"i.{name.strip()}" for name in ISSUE.split(","))
    if database.dialect == "sqlite":
        asked = " AND ".join(f'"{word}"' for word in named)
        rows = database.read(
            f"SELECT {columns} FROM issue_text CROSS JOIN issue i ON i.id = issue_text.rowid"
            f" WHERE issue_text MATCH ? AND {condition} AND i.id <> ? ORDER BY issue_text.rowid DESC LIMIT ?",
            (asked, *given, but, limit),
        )
    else:
        asked = " & ".join(f"'{word}'" for word in named)
        rows = database.read(
            f"SELECT {columns} FROM issue i WHERE to_tsvector('simple', i.search) @@ CAST(? AS tsquery)"
            f" AND {condition} AND i.id <> ? ORDER BY i.id DESC LIMIT ?",
            (asked, *given, but, limit),
        )
    return [to_issue(row, now) for row in rows]


def occurrences(database: Database, issue_id: int, most: int) -> Occurrences:
    """The events of an issue in at most `most` buckets from the first to the last (none when none are
    kept), and its releases."""
    rows = database.read(
        "SELECT count(*), min(occurred_at), max(occurred_at) FROM event WHERE issue_id = ?", (issue_id,)
    )
    total, first, last = rows[0]
    first, last = int(first or 0), int(last or 0)
    width = bucket_width((last - first) / 1e6, max(2, most))
    start = first - first % (width * 1_000_000)
    found = database.read(
        "SELECT (occurred_at - ?) / ?, count(*) FROM event WHERE issue_id = ? GROUP BY 1",
        (start, width * 1_000_000, issue_id),
    )
    counts = [0] * (1 + max((int(bucket) for bucket, _ in found), default=-1))
    for bucket, number in found:
        counts[int(bucket)] = int(number)
    releases = [
        SeenIn(release, count, to_time(first_seen), to_time(last_seen))
        for release, count, first_seen, last_seen in database.read(
            "SELECT release, count, first_seen, last_seen FROM issue_release WHERE issue_id = ?"
            " ORDER BY first_seen, release",
            (issue_id,),
        )
    ]
    return Occurrences(to_time(start), width, tuple(counts), int(total), tuple(releases))
