"""What a running service yields: progress, live output, and at last its result."""

from dataclasses import dataclass

from triage.domain.draft import Draft
from triage.domain.publication import Publication
from triage.domain.verdict import Evidence


@dataclass(frozen=True, slots=True)
class Step:
    """What is being done now, in words; `done` of `total` where they can be counted. `side` is
    "before" or "after" the fix where it is a draft that runs."""

    text: str
    done: int | None = None
    total: int | None = None
    side: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """One line that a subprocess printed. Hostile: show it as plain text only. `side` is
    "before" or "after" the fix where it is a draft that runs."""

    text: str
    side: str = ""


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a draft as the model streams it."""

    text: str


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft was stored, or none came out and `why` says why. `skeleton` was stored then to go on from
    by hand: it reproduces nothing, and says so."""

    draft: Draft | None
    evidence: Evidence | None = None
    candidates_tried: int = 0
    why: str = ""
    skeleton: Draft | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """The draft was run and judged; the evidence is stored."""

    draft: Draft
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Published:
    """The branch is on the remote; `existed` says that a second press found the first one's."""

    publication: Publication
    existed: bool = False


@dataclass(frozen=True, slots=True)
class Undone:
    """The pull request is closed and the branch deleted."""

    publication: Publication


@dataclass(frozen=True, slots=True)
class Finished:
    """Anything else that ends with a sentence (index built, files imported).

    `troubles` are parts that were passed over, each in one line.
    """

    text: str
    count: int = 0
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PromptPreview:
    """Exactly what would be sent to the model. `cost` in US dollars, None without a price."""

    system: str
    user: str
    model: str
    tokens: int | None
    cost: float | None
    hash: str


@dataclass(frozen=True, slots=True)
class PublicationPlan:
    """Exactly what publishing would send. `blockers` is empty when it may go with one key."""

    branch: str
    base: str
    remote: str
    title: str
    body: str
    commit_message: str
    diff: str
    forge: str
    blockers: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
