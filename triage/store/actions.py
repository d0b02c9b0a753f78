"""Local changes to issues and drafts: each one undoable, each one in the history."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from triage.domain.issue import Status
from triage.errors import NotFound
from triage.store.database import Database, Value
from triage.store.drafts import issue_of_draft, refresh_issue
from triage.store.journal import Change, bump, columns_of, note, record, set_columns
from triage.store.releases import spelled_like
from triage.store.rows import Activity, to_micros, to_time

ISSUE_COLUMNS = (
    "status",
    "snoozed_until",
    "regressed",
    "assignee",
    "resolved_at",
    "resolved_release",
    "last_release",
)


def resolve(database: Database, ids: Iterable[int], release: str | None, who: str, now: int) -> None:
    def change(row: Mapping[str, Value]) -> dict[str, Value]:
        last = row["last_release"]
        return {
            "status": Status.RESOLVED.value,
            "resolved_at": now,
            "resolved_release": spelled_like(release, str(last or "")) if release else last,
            "snoozed_until": None,
            "regressed": 0,
        }

    _act(database, ids, who, now, f"resolved in {release}" if release else "resolved", change)


def unresolve(database: Database, ids: Iterable[int], who: str, now: int) -> None:
    def change(row: Mapping[str, Value]) -> dict[str, Value]:
        return {"status": Status.UNRESOLVED.value, "resolved_at": None, "resolved_release": None, "snoozed_until": None}

    _act(database, ids, who, now, "unresolved", change)


def snooze(database: Database, ids: Iterable[int], until: datetime, who: str, now: int) -> None:
    def change(row: Mapping[str, Value]) -> dict[str, Value]:
        return {
            "status": Status.SNOOZED.value,
            "snoozed_until": to_micros(until),
            "resolved_at": None,
            "resolved_release": None,
        }

    _act(database, ids, who, now, f"snoozed until {to_time(to_micros(until)):%Y-%m-%d %H:%M} UTC", change)


def assign(database: Database, ids: Iterable[int], assignee: str | None, who: str, now: int) -> None:
    def change(row: Mapping[str, Value]) -> dict[str, Value]:
        return {"assignee": assignee}

    _act(database, ids, who, now, f"assigned to {assignee}" if assignee else "unassigned", change)


def mark_seen(database: Database, issue_id: int) -> None:
    if database.read("SELECT seen FROM issue WHERE id = ?", (issue_id,)) == [(0,)]:
        with database.write() as transaction:
            bump(transaction)
            transaction.run("UPDATE issue SET seen = 1 WHERE id = ?", (issue_id,))


def undo(database: Database, who: str, now: int) -> str | None:
    """Undo the last action that was not undone yet; what was undone, None when there is none.

    A row that something else has changed since is left as it is, and the answer says so.
    """
    if not database.read("SELECT 1 FROM action WHERE undone_at IS NULL LIMIT 1"):
        return None
    with database.write() as transaction:
        bump(transaction)
        found = transaction.read(
            "SELECT id, what FROM action WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1",
        )
        if not found:
            return None
        action, what = int(found[0][0]), str(found[0][1])
        left = 0
        changes = transaction.read(
            "SELECT target, target_id, was, became FROM change WHERE action_id = ? ORDER BY target, target_id",
            (action,),
        )
        for target, row_id, was, became in changes:
            before, after = json.loads(was), json.loads(became)
            if columns_of(transaction, target, row_id, tuple(after)) != after:
                left += 1
                continue
            set_columns(transaction, target, row_id, before)
            issue_id = int(row_id)
            if target == "draft":
                issue_id = issue_of_draft(transaction, int(row_id))
                refresh_issue(transaction, issue_id)
            note(transaction, issue_id, who, f"undid: {what}", now)
        transaction.run("UPDATE action SET undone_at = ? WHERE id = ?", (now, action))
    if left:
        return f"{what} ({left} of {len(changes)} changed since, left as they are)"
    return what


def history(database: Database, issue_id: int) -> list[Activity]:
    """The newest line first."""
    rows = database.read("SELECT at, who, what FROM activity WHERE issue_id = ? ORDER BY id DESC", (issue_id,))
    return [Activity(to_time(at), who, what) for at, who, what in rows]


def _act(
    database: Database,
    ids: Iterable[int],
    who: str,
    now: int,
    what: str,
    change: Callable[[Mapping[str, Value]], dict[str, Value]],
) -> None:
    """Change the issues that are not so already, as one action. Raises NotFound, changing nothing."""
    wanted = list(dict.fromkeys(ids))
    with database.write() as transaction:
        bump(transaction)
        changes: list[Change] = []
        for issue_id in wanted:
            row = columns_of(transaction, "issue", issue_id, ISSUE_COLUMNS)
            if row is None:
                raise NotFound(f"no issue T-{issue_id}", "", "`triage ls` lists the issues")
            after = {name: value for name, value in change(row).items() if row[name] != value}
            if set(after) - {"resolved_at", "resolved_release"}:
                changes.append((issue_id, {name: row[name] for name in after}, after))
                note(transaction, issue_id, who, what, now)
        if changes:
            named = ", ".join(f"T-{issue_id}" for issue_id, _, _ in changes[:3])
            more = f" and {len(changes) - 3} more" if len(changes) > 3 else ""
            record(transaction, "issue", changes, who, f"{what}: {named}{more}", now)


def wake(database: Database, now: int) -> None:
    """Turn the snoozes that are over into unresolved issues."""
    with database.write() as transaction:
        bump(transaction)
        rows = transaction.read(
            f"UPDATE issue{database.hint('issue_snoozed')} SET status = 'unresolved', snoozed_until = NULL"
            " WHERE status = 'snoozed' AND snoozed_until <= ? RETURNING id",
            (now,),
        )
        transaction.run_many(
            "INSERT INTO activity (issue_id, at, who, what) VALUES (?, ?, 'triage', 'snooze ended')",
            [(issue_id, now) for (issue_id,) in rows],
        )
