"""A pushed branch and its pull request."""

from dataclasses import dataclass
from datetime import datetime

from triage.domain.following import Following


@dataclass(frozen=True, slots=True)
class Publication:
    """What was sent. `url` is the pull request's page, or the compare link; `text` is what
    to send by hand when the remote has no forge we know; `following` how the pull request
    stood when the forge was asked last."""

    id: int
    issue_id: int
    draft_id: int
    branch: str
    commit: str
    remote: str
    created_at: datetime
    number: int | None = None
    url: str | None = None
    text: str = ""
    undone: bool = False
    following: Following | None = None

    @property
    def name(self) -> str:
        """ "PR #12", or the branch where there is no pull request."""
        return self.branch if self.number is None else f"PR #{self.number}"
