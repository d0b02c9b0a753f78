"""How a change is written down: the revision that readers poll, the history, and what undo needs."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from triage.store.database import Transaction, Value
from triage.store.rows import to_json

Change: TypeAlias = tuple[int, Mapping[str, Value], Mapping[str, Value]]
"""Row id, columns before, columns after."""

COLUMNS = {
    "issue": frozenset(
        {"status", "snoozed_until", "regressed", "assignee", "resolved_at", "resolved_release", "last_release"}
    ),
    "draft": frozenset({"discarded"}),
}
"""What actions read and change, by table; no other name gets into a statement."""


def bump(transaction: Transaction) -> None:
    """First thing in every write: other readers notice, and on PostgreSQL other writers wait."""
    transaction.run("UPDATE revision SET value = value + 1")


def note(transaction: Transaction, issue_id: int, who: str, what: str, now: int) -> None:
    """Add a line to an issue's history."""
    transaction.run("INSERT INTO activity (issue_id, at, who, what) VALUES (?, ?, ?, ?)", (issue_id, now, who, what))


def record(
    transaction: Transaction,
    target: str,
    changes: Sequence[Change],
    who: str,
    what: str,
    now: int,
) -> None:
    """Make `changes` (row id, columns before, columns after) to a table, as one undoable action."""
    rows = transaction.read(
        "INSERT INTO action (at, who, what) VALUES (?, ?, ?) RETURNING id",
        (now, who, what),
    )
    action = int(rows[0][0])
    for row_id, before, after in changes:
        set_columns(transaction, target, row_id, after)
        transaction.run(
            "INSERT INTO change (action_id, target, target_id, was, became) VALUES (?, ?, ?, ?, ?)",
            (action, target, row_id, to_json(before), to_json(after)),
        )


def set_columns(transaction: Transaction, target: str, row_id: int, values: Mapping[str, Value]) -> None:
    """Set columns of the row `row_id` of the table `target`."""
    names = _checked(target, tuple(values))
    assignments = ", ".join(f"{name} = ?" for name in names)
    transaction.run(f"UPDATE {target} SET {assignments} WHERE id = ?", (*values.values(), row_id))


def columns_of(transaction: Transaction, target: str, row_id: int, names: Sequence[str]) -> dict[str, Value] | None:
    """The named columns of a row; None when there is no such row."""
    rows = transaction.read(f"SELECT {', '.join(_checked(target, names))} FROM {target} WHERE id = ?", (row_id,))
    return dict(zip(names, rows[0], strict=True)) if rows else None


def _checked(target: str, names: Sequence[str]) -> Sequence[str]:
    unknown = set(names) - COLUMNS[target]
    if unknown:
        raise ValueError(f"not columns that an action changes: {sorted(unknown)}")
    return names
