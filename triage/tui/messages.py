"""What screens and jobs tell each other, each named as the fact it is."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from triage.errors import TriageError

if TYPE_CHECKING:
    from triage.tui.jobs import Job


@dataclass
class JobStarted(Message):
    """A job began."""

    job: "Job"


@dataclass
class JobProgressed(Message):
    """What a job yielded since the last such message, in order; at most some twenty a second."""

    job: "Job"
    items: tuple[object, ...]


@dataclass
class JobFinished(Message):
    """A job ended by itself. `result` is what it returned, or the last thing it yielded."""

    job: "Job"
    result: object


@dataclass
class JobFailed(Message):
    """A job ended in an error; unforeseen ones come as TriageError too, logged in full."""

    job: "Job"
    error: TriageError


@dataclass
class JobCancelled(Message):
    """A job was stopped before its end."""

    job: "Job"


@dataclass
class DraftRequested(Message):
    """Somebody wants a test for this issue. `strategy` is "replay" or "claude"."""

    issue_id: int
    strategy: str = "replay"


@dataclass
class ReviewRequested(Message):
    """Somebody wants to see the drafts of this issue, `draft_id` first."""

    issue_id: int
    draft_id: int | None = None


@dataclass
class IssuesChanged(Message):
    """These issues were changed here (resolved, drafted, published): look again."""

    issue_ids: tuple[int, ...]


@dataclass
class Said(Message):
    """One sentence of our own for the bottom line; gone at the next key."""

    text: str
    warning: bool = False
