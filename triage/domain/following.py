"""What became of a pull request: its checks, its reviews, whether it is merged and released."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from triage.domain.outside import one_line


class CheckState(StrEnum):
    """How one check of a commit stands."""

    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """One check run or commit status; `url` is its page, "" when the forge names none."""

    name: str
    state: CheckState
    url: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """The last word of one reviewer: "approved", "changes requested", "dismissed" or "commented"."""

    who: str
    state: str


@dataclass(frozen=True, slots=True)
class Following:
    """A pull request as the forge showed it at `at`.

    `state` is "open", "closed" or "merged"; `released` the first tag that holds the merge;
    `note` says what could not be read.
    """

    at: datetime
    state: str
    draft: bool = False
    head: str = ""
    conflicts: bool = False
    checks: tuple[Check, ...] = ()
    reviews: tuple[Review, ...] = ()
    merged_at: datetime | None = None
    merge_commit: str | None = None
    released: str | None = None
    note: str = ""

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.state is CheckState.FAILED)

    @property
    def running(self) -> bool:
        return any(check.state is CheckState.RUNNING for check in self.checks)

    @property
    def green(self) -> bool:
        """All checks ended, at least one passed, none failed."""
        return not self.running and not self.failed and any(check.state is CheckState.PASSED for check in self.checks)

    @property
    def settled(self) -> bool:
        """Whether nothing more is to be expected: closed, or merged and released."""
        return self.state == "closed" or (self.state == "merged" and self.released is not None)


def in_words(following: Following) -> str:
    """One line: "draft, 3 of 4 checks passed, failed: lint, approved by ana"."""
    if following.state == "merged":
        words = [f"merged{_on(following.merged_at)}"]
        words.append(f"released in {following.released}" if following.released else "not in a release yet")
        return ", ".join(words)
    if following.state == "closed":
        return "closed without a merge"
    words = ["draft" if following.draft else "open", checks_in_words(following.checks)]
    words += _reviews_in_words(following.reviews)
    if following.conflicts:
        words.append("conflicts with the base branch")
    return ", ".join(word for word in words if word)


def checks_in_words(checks: Sequence[Check]) -> str:
    """ "no checks yet", "2 of 3 checks passed, failed: lint", "2 checks passed, 1 runs"."""
    if not checks:
        return "no checks yet"
    counted = [check for check in checks if check.state is not CheckState.SKIPPED]
    passed = sum(check.state is CheckState.PASSED for check in counted)
    failed = [check.name for check in counted if check.state is CheckState.FAILED]
    running = sum(check.state is CheckState.RUNNING for check in counted)
    if not counted:
        return "all checks skipped"
    if passed == len(counted):
        return "the check passed" if passed == 1 else f"all {passed} checks passed"
    words = [f"{passed} of {len(counted)} checks passed"]
    if failed:
        more = f" and {len(failed) - 3} more" if len(failed) > 3 else ""
        words.append(f"failed: {', '.join(one_line(name, limit=60) for name in failed[:3])}{more}")
    if running:
        words.append(f"{running} running")
    return ", ".join(words)


def changes(before: Following | None, after: Following, name: str) -> tuple[str, ...]:
    """What is new in `after`, a line each for the issue's history. `name` is "PR #12"."""
    told: list[str] = []
    was = before or Following(after.at, "open", draft=after.draft)
    if after.state != was.state:
        commit = f" as {after.merge_commit[:10]}" if after.state == "merged" and after.merge_commit else ""
        told.append(f"{name} {'reopened' if after.state == 'open' else after.state}{commit}")
    elif after.state == "open" and was.draft and not after.draft:
        told.append(f"{name} ready for review")
    if after.released and after.released != was.released:
        told.append(f"{name} released in {after.released}")
    same_head = was.head == after.head
    for check in after.failed:
        if not (same_head and check.name in {item.name for item in was.failed}):
            told.append(f"{name}: check {one_line(check.name, limit=80)} failed")
    if after.green and not (same_head and was.green):
        told.append(f"{name}: {checks_in_words(after.checks)}")
    known = set(was.reviews)
    told += [
        f"{name}: {_review_in_words(review)}"
        for review in after.reviews
        if review not in known and review.state != "commented"
    ]
    if after.conflicts and not was.conflicts:
        told.append(f"{name} conflicts with its base branch")
    return tuple(told)


def short_state(number: int, following: Following | None) -> str:
    """For narrow places: "PR #12", "PR #12 merged", "PR #12 released", "PR #12 closed"."""
    if following is None or following.state == "open":
        return f"PR #{number}"
    return f"PR #{number} {'released' if following.released else following.state}"


def seen_again(following: Following, last_seen: datetime, now: datetime) -> str:
    """Whether production threw it again since the merge; "" before there is one."""
    if following.merged_at is None:
        return ""
    if last_seen > following.merged_at:
        where = "since the merge" if following.released is None else "since the merge: look at the release it came from"
        return f"seen again {where}"
    days = (now - following.merged_at).days
    return "not seen again" + (f" for {days} day{'s' * (days != 1)}" if days else "")


def _reviews_in_words(reviews: Sequence[Review]) -> list[str]:
    loud = [review for review in reviews if review.state != "commented"]
    return [_review_in_words(review) for review in loud[:3]]


def _review_in_words(review: Review) -> str:
    who = one_line(review.who, limit=40)
    return {"changes requested": f"{who} requests changes", "dismissed": f"{who}'s review was dismissed"}.get(
        review.state, f"{review.state} by {who}"
    )


def _on(when: datetime | None) -> str:
    return f" on {when:%Y-%m-%d}" if when else ""
