"""What customers said about issues."""

from triage.domain.report import MOST, Report, ReportText
from triage.errors import BadInput, NotFound
from triage.store.database import Database, Row
from triage.store.journal import bump, note
from triage.store.rows import clean, to_time

REPORT = "id, issue_id, at, who, source, type, impact, steps, environment, text"


def add_report(database: Database, now: int, who: str, issue_id: int, said: ReportText, source: str = "") -> Report:
    """Keep a report of an issue; the same words a second time are not kept twice. Raises NotFound
    for an unknown issue, BadInput for a report that says nothing."""
    if said.empty:
        raise BadInput("the report says nothing", "", "name a file with --file, or say it with --text")
    parts = [clean(part, MOST) for part in (said.type, said.impact, said.steps, said.environment, said.text)]
    with database.write() as transaction:
        bump(transaction)
        if not transaction.read("SELECT 1 FROM issue WHERE id = ?", (issue_id,)):
            raise NotFound(f"no issue T-{issue_id}", "", "`triage ls` lists the issues")
        rows = transaction.read(
            f"SELECT {REPORT} FROM report WHERE issue_id = ? AND removed_at IS NULL AND type = ? AND impact = ?"
            " AND steps = ? AND environment = ? AND text = ?",
            (issue_id, *parts),
        )
        if not rows:
            rows = transaction.read(
                "INSERT INTO report (issue_id, at, who, source, type, impact, steps, environment, text)"
                f" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING {REPORT}",
                (issue_id, now, who, clean(source, 500), *parts),
            )
            made = to_report(rows[0])
            note(transaction, issue_id, who, f"report {made.id}: {clean(made.title, 120)}", now)
    return to_report(rows[0])


def reports(database: Database, issue_id: int | None = None, limit: int = 200) -> list[Report]:
    """The reports of an issue, or of all issues, the newest first."""
    where, given = ("issue_id = ? AND ", (issue_id,)) if issue_id is not None else ("", ())
    rows = database.read(
        f"SELECT {REPORT} FROM report WHERE {where}removed_at IS NULL ORDER BY id DESC LIMIT ?", (*given, limit)
    )
    return [to_report(row) for row in rows]


def remove_report(database: Database, now: int, who: str, report_id: int) -> Report:
    """Take a report away from its issue. Raises NotFound."""
    with database.write() as transaction:
        bump(transaction)
        rows = transaction.read(
            f"UPDATE report SET removed_at = ? WHERE id = ? AND removed_at IS NULL RETURNING {REPORT}", (now, report_id)
        )
        if not rows:
            raise NotFound(f"no report {report_id}", "", "`triage report ls` lists them")
        found = to_report(rows[0])
        note(transaction, found.issue_id, who, f"removed report {report_id}", now)
    return found


def to_report(row: Row) -> Report:
    """A row of the REPORT columns."""
    said = ReportText(type=row[5], impact=row[6], steps=row[7], environment=row[8], text=row[9])
    return Report(id=row[0], issue_id=row[1], added_at=to_time(row[2]), who=row[3], said=said, source=row[4])
