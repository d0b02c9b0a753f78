"""Drafts, their runs, and what was published of them; an issue's row carries the summary."""

from collections.abc import Mapping
from datetime import datetime

from triage.domain.draft import SKELETON, Draft, Strategy
from triage.domain.following import short_state
from triage.domain.publication import Publication
from triage.domain.verdict import Evidence, RunResult, Verdict
from triage.errors import NotFound, UsageError
from triage.store.database import Database, Transaction, Value
from triage.store.draft_rows import DRAFT, PUBLICATION, RUN, to_draft, to_following, to_publication, to_run
from triage.store.journal import bump, note, record
from triage.store.rows import clean, to_micros

MAX_OUTPUT = 200_000
NOT_RUN = "NEW"
"""What an issue's `draft` says when there is a draft that nobody has run yet."""
HOLLOW = "SKELETON"
"""The same of one that has holes to fill before it can be run."""
BEST_FIRST = (
    Verdict.PASSES, Verdict.REPRODUCED, Verdict.FLAKY, Verdict.CHAIN_ONLY, Verdict.WRONG_FRAME, Verdict.WRONG_TYPE,
    Verdict.ASSERT_ONLY, Verdict.PASSED,
)  # fmt: skip


def add_draft(
    database: Database,
    now: int,
    issue_id: int,
    strategy: Strategy,
    path: str,
    source: str,
    test_name: str,
    extra: Mapping[str, Value],
) -> Draft:
    with database.write() as transaction:
        bump(transaction)
        if not transaction.read("SELECT 1 FROM issue WHERE id = ?", (issue_id,)):
            raise NotFound(f"no issue T-{issue_id}", "", "`triage ls` lists the issues")
        rows = transaction.read(
            "INSERT INTO draft (issue_id, strategy, path, source, test_name, created_at, parent, entry, note, model,"
            " prompt_hash, cost, seconds, discarded, stable_runs, unstable)"
            f" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0) RETURNING {DRAFT}",
            (
                issue_id,
                Strategy(strategy).value,
                clean(path, 4_000),
                clean(source, 10_000_000),
                clean(test_name, 1_000),
                now,
                extra["parent"],
                extra["entry"],
                clean(str(extra["note"]), 20_000),
                extra["model"],
                extra["prompt_hash"],
                extra["cost"],
                extra.get("seconds"),
            ),
        )
        draft = to_draft(rows[0])
        note(transaction, issue_id, "triage", f"draft {draft.id} by {draft.strategy}: {draft.node_id}", now)
        refresh_issue(transaction, issue_id)
    return draft


def drafts(database: Database, issue_id: int) -> list[Draft]:
    rows = database.read(f"SELECT {DRAFT} FROM draft WHERE issue_id = ? ORDER BY id", (issue_id,))
    return [to_draft(row) for row in rows]


def draft(database: Database, draft_id: int) -> Draft:
    rows = database.read(f"SELECT {DRAFT} FROM draft WHERE id = ?", (draft_id,))
    if not rows:
        raise _no_draft(draft_id)
    return to_draft(rows[0])


def set_discarded(database: Database, draft_id: int, discarded: bool, who: str, now: int) -> None:
    """Discard or restore a draft, as an undoable action; nothing happens when it is so already."""
    with database.write() as transaction:
        bump(transaction)
        rows = transaction.read("SELECT issue_id, discarded FROM draft WHERE id = ?", (draft_id,))
        if not rows:
            raise _no_draft(draft_id)
        issue_id, current = rows[0]
        if bool(current) is discarded:
            return
        what = f"{'discarded' if discarded else 'restored'} draft {draft_id} of T-{issue_id}"
        change = (draft_id, {"discarded": int(not discarded)}, {"discarded": int(discarded)})
        record(transaction, "draft", [change], who, what, now)
        note(transaction, issue_id, who, what, now)
        refresh_issue(transaction, issue_id)


def add_run(database: Database, draft_id: int, side: str, result: RunResult) -> None:
    if side not in ("before", "after"):
        raise UsageError(f"a run is before or after the fix, not {side!r}")
    from triage.redact import redact  # no concern of those who only read

    # What a test prints of production's values is kept for as long as the store is.
    output = clean(redact(result.output[-MAX_OUTPUT:]), MAX_OUTPUT)
    with database.write() as transaction:
        bump(transaction)
        issue_id = issue_of_draft(transaction, draft_id)
        transaction.run(
            f"INSERT INTO run (draft_id, {RUN}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                draft_id,
                side,
                result.verdict.value,
                clean(result.why, 20_000),
                clean(result.ref, 500),
                clean(result.commit, 200),
                result.isolation.value,
                result.seconds,
                to_micros(result.when),
                output,
                result.frames_matched,
                None if result.message_same is None else int(result.message_same),
            ),
        )
        what = f"draft {draft_id} {side} the fix: {result.verdict} @ {result.ref or result.commit[:8]}"
        note(transaction, issue_id, "triage", clean(what, 1_000), to_micros(result.when))
        refresh_issue(transaction, issue_id)


def runs(database: Database, draft_id: int) -> list[tuple[str, RunResult]]:
    return [to_run(row) for row in database.read(f"SELECT {RUN} FROM run WHERE draft_id = ? ORDER BY id", (draft_id,))]


def set_stability(database: Database, draft_id: int, runs: int, unstable: bool) -> None:
    with database.write() as transaction:
        bump(transaction)
        issue_id = issue_of_draft(transaction, draft_id)
        transaction.run("UPDATE draft SET stable_runs = ?, unstable = ? WHERE id = ?", (runs, int(unstable), draft_id))
        refresh_issue(transaction, issue_id)


def evidence(database: Database, draft_id: int) -> Evidence:
    rows = database.read("SELECT stable_runs, unstable FROM draft WHERE id = ?", (draft_id,))
    if not rows:
        raise _no_draft(draft_id)
    latest = {
        side: database.read(
            f"SELECT {RUN} FROM run WHERE draft_id = ? AND side = ? ORDER BY id DESC LIMIT 1", (draft_id, side)
        )
        for side in ("before", "after")
    }
    before, after = (to_run(found[0])[1] if found else None for found in latest.values())
    return Evidence(before=before, after=after, stable_runs=rows[0][0], unstable=bool(rows[0][1]))


def add_publication(
    database: Database,
    now: datetime,
    who: str,
    issue_id: int,
    draft_id: int,
    branch: str,
    commit: str,
    remote: str,
    number: int | None,
    url: str | None,
    text: str,
) -> Publication:
    """What was pushed; a second one for the same issue and branch updates the first."""
    with database.write() as transaction:
        bump(transaction)
        if issue_of_draft(transaction, draft_id) != issue_id:
            raise NotFound(f"no draft {draft_id} of T-{issue_id}", "", "`triage show` lists an issue's drafts")
        rows = transaction.read(
            "INSERT INTO publication (issue_id, draft_id, branch, commit_id, remote, created_at, number, url, text,"
            " undone) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (issue_id, branch) DO UPDATE SET"
            " draft_id = excluded.draft_id, commit_id = excluded.commit_id, remote = excluded.remote,"
            " number = coalesce(excluded.number, CASE WHEN publication.undone = 0 THEN publication.number END),"
            " url = coalesce(excluded.url, CASE WHEN publication.undone = 0 THEN publication.url END),"
            " following = CASE WHEN publication.undone = 0 THEN publication.following END,"
            " state = CASE WHEN publication.undone = 0 THEN publication.state END,"
            f" text = excluded.text, undone = 0 RETURNING {PUBLICATION}",
            (issue_id, draft_id, branch, commit, remote, to_micros(now), number, url, text),
        )
        publication = to_publication(rows[0])
        opened = f", PR #{publication.number}" if publication.number is not None else ""
        note(transaction, issue_id, who, clean(f"published {branch} to {remote}{opened}", 1_000), to_micros(now))
        refresh_issue(transaction, issue_id)
    return publication


def publications(database: Database, issue_id: int) -> list[Publication]:
    rows = database.read(f"SELECT {PUBLICATION} FROM publication WHERE issue_id = ? ORDER BY id", (issue_id,))
    return [to_publication(row) for row in rows]


def publication(database: Database, publication_id: int) -> Publication:
    rows = database.read(f"SELECT {PUBLICATION} FROM publication WHERE id = ?", (publication_id,))
    if not rows:
        raise NotFound(f"no publication {publication_id}", "", "`triage show` lists what was published")
    return to_publication(rows[0])


def mark_undone(database: Database, publication_id: int, who: str, now: int) -> None:
    with database.write() as transaction:
        bump(transaction)
        rows = transaction.read(
            "UPDATE publication SET undone = 1 WHERE id = ? RETURNING issue_id, branch", (publication_id,)
        )
        if not rows:
            raise NotFound(f"no publication {publication_id}", "", "`triage show` lists what was published")
        issue_id, branch = rows[0]
        note(transaction, issue_id, who, f"withdrew {branch}", now)
        refresh_issue(transaction, issue_id)


def issue_of_draft(transaction: Transaction, draft_id: int) -> int:
    """The issue a draft belongs to. Raises NotFound."""
    rows = transaction.read("SELECT issue_id FROM draft WHERE id = ?", (draft_id,))
    if not rows:
        raise _no_draft(draft_id)
    return int(rows[0][0])


def refresh_issue(transaction: Transaction, issue_id: int) -> None:
    """Bring the summary on the issue's row up to date: best draft's word, last publication."""
    found = transaction.read(
        "SELECT (SELECT verdict FROM run WHERE draft_id = draft.id AND side = 'before' ORDER BY id DESC LIMIT 1),"
        " (SELECT verdict FROM run WHERE draft_id = draft.id AND side = 'after' ORDER BY id DESC LIMIT 1), unstable,"
        " strategy, note FROM draft WHERE issue_id = ? AND discarded = 0",
        (issue_id,),
    )
    best = min(
        (
            HOLLOW
            if before is None and strategy == Strategy.REPLAY and str(note).startswith(SKELETON)
            else draft_word(before, after, bool(unstable))
            for before, after, unstable, strategy, note in found
        ),
        key=_rank,
        default=None,
    )
    sent = transaction.read(
        "SELECT number, following FROM publication WHERE issue_id = ? AND undone = 0 ORDER BY id DESC LIMIT 1",
        (issue_id,),
    )
    publication = None
    if sent:
        number, following = sent[0]
        publication = "branch" if number is None else short_state(int(number), to_following(following))
    transaction.run("UPDATE issue SET draft = ?, publication = ? WHERE id = ?", (best, publication, issue_id))


def draft_word(before: str | None, after: str | None, unstable: bool) -> str:
    """One word for a draft: PASSES when it reproduces and the fix cures it, FLAKY when runs
    disagree, else the verdict before the fix, else the one after it, else NOT_RUN."""
    if unstable:
        return Verdict.FLAKY.value
    if before == Verdict.REPRODUCED and after == Verdict.PASSES:
        return Verdict.PASSES.value
    if before is not None:
        return before
    # Passing on the fix says nothing without a run before it.
    return NOT_RUN if after in (None, Verdict.PASSES) else str(after)


def _rank(word: str) -> int:
    order = [verdict.value for verdict in BEST_FIRST]
    if word == NOT_RUN:
        return 2
    if word == HOLLOW:
        return len(order) + 1
    return order.index(word) if word in order else len(order)


def _no_draft(draft_id: int) -> NotFound:
    return NotFound(f"no draft {draft_id}", "", "`triage show` lists an issue's drafts")
