"""What came into the store since somebody looked last."""

from triage.domain.issue import News
from triage.store.database import Database
from triage.store.rows import ISSUE, to_issue


def mark(database: Database) -> tuple[int, int]:
    """The newest issue and the newest line of history."""
    rows = database.read("SELECT (SELECT coalesce(max(id), 0) FROM issue), (SELECT coalesce(max(id), 0) FROM activity)")
    return int(rows[0][0]), int(rows[0][1])


def news(database: Database, since: tuple[int, int], limit: int, now: int) -> News:
    """Issues that came after `since`, and those that were resolved and are back."""
    here = mark(database)
    latest = database.read(
        f"SELECT {ISSUE} FROM issue WHERE id > ? AND id <= ? ORDER BY id DESC LIMIT ?", (since[0], here[0], limit)
    )
    came_back = "FROM activity WHERE id > ? AND id <= ? AND who = 'triage' AND what LIKE 'regressed%'"
    (number,) = database.read(f"SELECT count(DISTINCT issue_id) {came_back}", (since[1], here[1]))[0]
    back = database.read(
        f"SELECT {ISSUE} FROM issue WHERE id IN (SELECT issue_id {came_back}) ORDER BY last_seen DESC LIMIT ?",
        (since[1], here[1], limit),
    )
    return News(
        here,
        tuple(to_issue(row, now) for row in latest),
        here[0] - since[0],
        tuple(to_issue(row, now) for row in back),
        int(number),
    )
