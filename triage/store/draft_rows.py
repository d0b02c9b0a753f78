"""What the rows of drafts, runs and publications mean."""

import json
from datetime import datetime

from triage.domain.draft import Draft, Strategy
from triage.domain.following import Check, CheckState, Following, Review
from triage.domain.publication import Publication
from triage.domain.verdict import Isolation, RunResult, Verdict
from triage.store.database import Row
from triage.store.rows import to_time

DRAFT = (
    "id, issue_id, strategy, path, source, test_name, created_at, parent, entry, note, model, prompt_hash,"
    " cost, discarded, seconds"
)
RUN = "side, verdict, why, ref, commit_id, isolation, seconds, at, output, frames_matched, message_same"
PUBLICATION = "id, issue_id, draft_id, branch, commit_id, remote, created_at, number, url, text, undone, following"


def to_draft(row: Row) -> Draft:
    """A row of the DRAFT columns."""
    return Draft(
        id=row[0],
        issue_id=row[1],
        strategy=Strategy(row[2]),
        path=row[3],
        source=row[4],
        test_name=row[5],
        created_at=to_time(row[6]),
        parent=row[7],
        entry=row[8],
        note=row[9],
        model=row[10],
        prompt_hash=row[11],
        cost=row[12],
        discarded=bool(row[13]),
        seconds=row[14],
    )


def to_run(row: Row) -> tuple[str, RunResult]:
    """A row of the RUN columns: the side it ran on ("before" or "after" the fix), and the result."""
    return row[0], RunResult(
        verdict=Verdict(row[1]),
        why=row[2],
        ref=row[3],
        commit=row[4],
        isolation=Isolation(row[5]),
        seconds=row[6],
        when=to_time(row[7]),
        output=row[8],
        frames_matched=row[9],
        message_same=None if row[10] is None else bool(row[10]),
    )


def to_following(text: str | None) -> Following | None:
    """How a pull request stands, as it was kept; None when the forge was not asked yet."""
    if text is None:
        return None
    kept = json.loads(text)
    merged_at = kept.pop("merged_at")
    return Following(
        **{
            **kept,
            "at": datetime.fromisoformat(kept["at"]),
            "checks": tuple(Check(name, CheckState(state), url) for name, state, url in kept["checks"]),
            "reviews": tuple(Review(who, state) for who, state in kept["reviews"]),
            "merged_at": datetime.fromisoformat(merged_at) if merged_at else None,
        }
    )


def to_publication(row: Row) -> Publication:
    """A row of the PUBLICATION columns."""
    return Publication(
        id=row[0],
        issue_id=row[1],
        draft_id=row[2],
        branch=row[3],
        commit=row[4],
        remote=row[5],
        created_at=to_time(row[6]),
        number=row[7],
        url=row[8],
        text=row[9],
        undone=bool(row[10]),
        following=to_following(row[11]),
    )
