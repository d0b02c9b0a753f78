"""Keeps what became of each pull request, and tells the issue's history what is new."""

import json

from triage.domain.following import Following, changes
from triage.domain.publication import Publication
from triage.errors import NotFound
from triage.store.database import Database
from triage.store.draft_rows import PUBLICATION, to_publication
from triage.store.drafts import publication, refresh_issue
from triage.store.journal import bump, note
from triage.store.rows import clean, to_micros

MOST_CHECKS = 200


def set_following(database: Database, publication_id: int, seen: Following) -> tuple[str, ...]:
    """Keep how the pull request stands; what is new since the last look, in words. Raises NotFound."""
    known = publication(database, publication_id)
    told = tuple(clean(line, 1_000) for line in changes(known.following, seen, known.name))
    with database.write() as transaction:
        bump(transaction)
        rows = transaction.read(
            "UPDATE publication SET followed_at = ?, state = ?, following = ? WHERE id = ? RETURNING issue_id",
            (to_micros(seen.at), seen.state, _packed(seen), publication_id),
        )
        if not rows:
            raise NotFound(f"no publication {publication_id}", "", "`triage show` lists what was published")
        for line in told:
            note(transaction, int(rows[0][0]), known.name, line, to_micros(seen.at))
        refresh_issue(transaction, int(rows[0][0]))
    return told


def unsettled(database: Database, limit: int) -> list[Publication]:
    """Pull requests of which more may be heard, those that were looked at longest ago first."""
    rows = database.read(
        f"SELECT {PUBLICATION} FROM publication WHERE undone = 0 AND number IS NOT NULL"
        " AND (state IS NULL OR state <> 'closed') ORDER BY coalesce(followed_at, 0), id"
    )
    found = [to_publication(row) for row in rows]
    return [item for item in found if item.following is None or not item.following.settled][:limit]


def _packed(seen: Following) -> str:
    return json.dumps(
        {
            "at": seen.at.isoformat(),
            "state": seen.state,
            "draft": seen.draft,
            "head": seen.head,
            "conflicts": seen.conflicts,
            "checks": [
                [clean(check.name, 200), check.state.value, clean(check.url, 500)]
                for check in seen.checks[:MOST_CHECKS]
            ],
            "reviews": [[clean(review.who, 100), clean(review.state, 40)] for review in seen.reviews[:50]],
            "merged_at": seen.merged_at.isoformat() if seen.merged_at else None,
            "merge_commit": seen.merge_commit,
            "released": seen.released,
            "note": clean(seen.note, 500),
        }
    )
