"""A drafted regression test and its revisions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

SKELETON = "a skeleton"
"""How the note of a draft begins that reproduces nothing: a call with holes, to be filled by hand."""


class Strategy(StrEnum):
    """Who wrote a draft."""

    REPLAY = "replay"
    CLAUDE = "claude"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Draft:
    """One revision of one test file, never overwritten.

    `path` is the test file relative to the repo root; `source` the whole file that the draft
    would leave there; `test_name` the node's part after `::` (may hold a class).
    `entry` is the qualified name that the test calls. `cost` is in US dollars, `seconds` how long
    it took to write (None: by hand, or unknown).
    """

    id: int
    issue_id: int
    strategy: Strategy
    path: str
    source: str
    test_name: str
    created_at: datetime
    parent: int | None = None
    entry: str | None = None
    note: str = ""
    model: str | None = None
    prompt_hash: str | None = None
    cost: float | None = None
    discarded: bool = False
    seconds: float | None = None

    @property
    def is_skeleton(self) -> bool:
        """Whether this is what replay leaves when nothing reproduced, as it left it."""
        return self.strategy is Strategy.REPLAY and self.note.startswith(SKELETON)

    @property
    def node_id(self) -> str:
        return f"{self.path}::{self.test_name}"
