"""Reads what GitHub says of a commit's checks and a pull request's reviews.

Shapes and words after GitHub's OpenAPI description (check-run, status, pull-request-review).
"""

from collections.abc import Iterator, Mapping

from triage.domain.following import Check, CheckState, Review
from triage.domain.outside import one_line

PASSED = ("success", "neutral")
SKIPPED = ("skipped", "stale")
REVIEW_STATES = {"APPROVED": "approved", "CHANGES_REQUESTED": "changes requested", "DISMISSED": "dismissed"}


def read_check_runs(content: object) -> tuple[Check, ...]:
    """Of `GET /commits/{ref}/check-runs`; what is no check run is passed over."""
    return tuple(
        Check(_words(run, "name"), _run_state(run), _link(run, "html_url")) for run in _items(content, "check_runs")
    )


def read_statuses(content: object) -> tuple[Check, ...]:
    """Of `GET /commits/{ref}/status`: the last of each context."""
    return tuple(
        Check(_words(item, "context"), _status_state(item), _link(item, "target_url"))
        for item in _items(content, "statuses")
    )


def read_reviews(content: object) -> tuple[Review, ...]:
    """Of `GET /pulls/{number}/reviews`, oldest first: each reviewer's last word. A comment
    takes back neither an approval nor a request for changes."""
    last: dict[str, Review] = {}
    for item in content if isinstance(content, list) else []:
        if not isinstance(item, dict):
            continue
        user = item.get("user")
        who = _words(user, "login") if isinstance(user, dict) else "somebody"
        state = REVIEW_STATES.get(str(item.get("state")), "commented")
        if state != "commented" or who not in last:
            last[who] = Review(who, state)
    return tuple(last.values())


def _items(content: object, key: str) -> Iterator[Mapping[str, object]]:
    found = content.get(key) if isinstance(content, dict) else None
    for item in found if isinstance(found, list) else []:
        if isinstance(item, dict):
            yield item


def _run_state(run: Mapping[str, object]) -> CheckState:
    if run.get("status") != "completed":
        return CheckState.RUNNING
    conclusion = run.get("conclusion")
    if conclusion in SKIPPED:
        return CheckState.SKIPPED
    return CheckState.PASSED if conclusion in PASSED else CheckState.FAILED


def _status_state(item: Mapping[str, object]) -> CheckState:
    states = {"success": CheckState.PASSED, "pending": CheckState.RUNNING}
    return states.get(str(item.get("state")), CheckState.FAILED)


def _words(item: Mapping[str, object], key: str) -> str:
    return one_line(str(item.get(key) or "unnamed"), limit=120)


def _link(item: Mapping[str, object], key: str) -> str:
    link = item.get(key)
    return one_line(link, limit=500) if isinstance(link, str) and link.startswith(("https://", "http://")) else ""
