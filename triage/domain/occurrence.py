"""When and in which releases an issue was seen."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SeenIn:
    """How often and when an issue was seen in one release."""

    release: str
    count: int
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Occurrences:
    """An issue's events over time: `counts` in buckets of `seconds` each, the first of which
    begins at `start`. `total` also counts what is in no bucket, `releases` are oldest first."""

    start: datetime
    seconds: int
    counts: tuple[int, ...]
    total: int
    releases: tuple[SeenIn, ...] = ()


STEPS = (60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400, 172_800, 604_800, 1_209_600, 2_592_000)
"""Widths of a bucket that people think in, in seconds: a minute to thirty days."""


def bucket_width(seconds: float, most: int) -> int:
    """The smallest of STEPS with which `seconds` take at most `most` buckets (or as many thirty
    days as it takes)."""
    for step in STEPS:
        if seconds <= step * (most - 1):
            return step
    return STEPS[-1] * (1 + int(seconds // (STEPS[-1] * max(1, most - 1))))


def width_in_words(seconds: int) -> str:
    """ "5 minutes", "1 hour", "2 days"."""
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds % size == 0:
            number = seconds // size
            return f"{number} {word}{'s' * (number != 1)}"
    return f"{seconds} seconds"
