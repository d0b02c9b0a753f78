"""Keeps the smallest candidate that still fails as production did, trying several smaller ones at a time."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

from triage.domain.verdict import Verdict
from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.searching.search import Search, Tried

Step = Callable[[Candidate], Iterator[Candidate]]
AT_ONCE = 3
# A smaller candidate may take so many times as long as the one it comes from, and at least so many seconds:
# without a part of its input some code goes round for ever.
TIMES, LEAST_SECONDS = 6.0, 1.0


class Shrinking:
    """`best` is the smallest so far. What was refused once is not tried again: the judge would say the same."""

    def __init__(self, search: Search, best: Tried) -> None:
        self.search = search
        self.best = best
        self.seconds = max(best.outcome.report.seconds, best.fixed.seconds if best.fixed else 0.0)
        self.refused: set[str] = set()

    @property
    def limit(self) -> float:
        """Seconds for one candidate."""
        return min(max(self.seconds * TIMES, LEAST_SECONDS), max(self.search.timeout, self.seconds * 2))

    def improve(self, step: Step, deadline: float, same_value: bool = False) -> None:
        """Apply `step` until it brings nothing more; after a success it starts anew on the smaller one.

        `same_value`: what the fixed code returns must stay the same as well. Whatever would not end before
        `deadline` is not begun."""
        skip = 0
        while (found := self._first(step, skip, deadline, same_value)) is not None:
            position, self.best = found
            skip = max(0, position - 1)

    def _first(self, step: Step, skip: int, deadline: float, same_value: bool) -> tuple[int, Tried] | None:
        """The first of the step's candidates, from the one at `skip` on, that may take the place of the best."""
        smaller = enumerate(step(self.best.candidate))
        flying: deque[tuple[int, Candidate, str, Future[dict[str, Any]]]] = deque()
        more = True
        try:
            while more or flying:
                while more and len(flying) < AT_ONCE:
                    if time.monotonic() + self.seconds > deadline:
                        more = False
                        break
                    position, candidate = next(smaller, (-1, None))
                    if candidate is None:
                        more = False
                    elif position >= skip and (sent := self._sent(candidate)) is not None:
                        flying.append((position, candidate, *sent))
                if not flying or time.monotonic() > deadline:
                    return None
                position, candidate, source, future = flying.popleft()
                kept = accepted(self.search, self.best, candidate, future, self.limit)
                if kept is None:
                    self.refused.add(source)
                elif not same_value or kept.fixed == self.best.fixed:
                    return position, kept
        finally:
            if flying:
                self.search.server.cancel()
        return None

    def _sent(self, candidate: Candidate) -> "tuple[str, Future[dict[str, Any]]] | None":
        try:
            source = candidate.source()
            if source in self.refused:
                return None
            return source, self.search.submit(candidate, self.limit)
        except (ValueError, RecursionError):
            return None


def still_reproduces(search: Search, best: Tried, candidate: Candidate) -> Tried | None:
    """`candidate` judged, when it fails as production did and the fix does to it what it did to `best`."""
    try:
        future = search.submit(candidate)
    except (ValueError, RecursionError):
        return None
    return accepted(search, best, candidate, future)


def accepted(
    search: Search, best: Tried, candidate: Candidate, future: "Future[dict[str, Any]]", limit: float = 0.0
) -> Tried | None:
    """The same for a candidate that is under way; `limit` is what the fix gets, in seconds."""
    tried = search.verdict(candidate, future)
    if tried.verdict is not Verdict.REPRODUCED:
        return None
    if best.message_same is True and tried.message_same is not True:
        return None
    if best.fixed is not None:
        tried.fixed = search.on_fix(candidate, limit)
        if tried.fixed is None or not tried.fixed.works or tried.fixed.error != best.fixed.error:
            return None
    return tried
