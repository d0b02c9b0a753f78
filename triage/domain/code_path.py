"""An event's stack laid on the checkout, and the tests that run it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from triage.domain.event import Frame


class Match(StrEnum):
    """How sure we are that a frame is this line of the checkout."""

    EXACT = "exact"
    MOVED = "moved"
    AMBIGUOUS = "ambiguous"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Blame:
    """The commit that last touched a line."""

    commit: str
    author: str
    email: str
    when: datetime
    summary: str


@dataclass(frozen=True, slots=True)
class LocatedFrame:
    """A frame in the checkout.

    `path` is relative to the repo root (posix), None when the frame is not in the checkout.
    `qualname` is the function with its classes, read from the source at the release's commit.
    `release_line` is the line at that commit, `head_line` the same line carried over to HEAD
    (None: gone). `excerpt_start` is the line number of `excerpt[0]` at `release_commit`.
    `function_lines` is the half-open line range of the function's body at HEAD. `head_path` is
    where the file is at HEAD (None: gone, or not in the checkout).
    """

    frame: Frame
    path: str | None
    match: Match
    qualname: str | None = None
    release_line: int | None = None
    head_line: int | None = None
    excerpt: tuple[str, ...] = ()
    excerpt_start: int = 1
    function_lines: tuple[int, int] | None = None
    blame: Blame | None = None
    owners: tuple[str, ...] = ()
    note: str = ""
    head_path: str | None = None

    @property
    def in_checkout(self) -> bool:
        return self.path is not None


@dataclass(frozen=True, slots=True)
class SuspectCommit:
    """The commit most likely to have brought the bug, why we think so, and how sure (0 to 1)."""

    commit: str
    author: str
    email: str
    when: datetime
    summary: str
    reason: str
    confidence: float


class Coverage(StrEnum):
    """How we know that a test covers a line."""

    CONTEXT = "coverage"
    STATIC = "static"
    LINKED = "linked"
    DRAFTED = "drafted"


@dataclass(frozen=True, slots=True)
class CoveringTest:
    """An existing test that runs body lines of the code path.

    `node_id` is pytest's; `lines` are (path, line) at HEAD it runs; `stale` says that the
    file changed since the index was built. `depth` is the deepest frame reached (0: crash).
    """

    node_id: str
    source: Coverage
    lines: tuple[tuple[str, int], ...] = ()
    depth: int = 0
    stale: bool = False


@dataclass(frozen=True, slots=True)
class CodePath:
    """The stack of an event's crash on the checkout, outermost frame first.

    `commit` is what the frames were matched against (the release's, else HEAD), `head` is HEAD.
    `causes` are the stacks of the other exceptions of the event, in its order.
    """

    frames: tuple[LocatedFrame, ...]
    commit: str | None = None
    head: str | None = None
    release_known: bool = False
    suspect: SuspectCommit | None = None
    causes: tuple[tuple[LocatedFrame, ...], ...] = field(default=())
    warnings: tuple[str, ...] = ()

    @property
    def crash(self) -> LocatedFrame | None:
        """The deepest frame that lies in the checkout."""
        inside = [item for item in self.frames if item.in_checkout]
        return inside[-1] if inside else None
