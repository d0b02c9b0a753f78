"""Candidates under way: answers come in the order they were asked for; who hangs goes on beside the others."""

import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any

from triage.drafting.replay.candidate import Candidate

Answer = dict[str, Any]
AT_ONCE, MOST = 3, 6
# Whoever holds the queue up so long waits for something rather than computes: another may run meanwhile.
WAITS = 0.25
# Nearly every candidate that reproduces ends in a tenth of this. One that does not goes on later, with its whole
# time. Less, down to the least, for one that takes so many times as long as the others here do.
FIRST_LIMIT, LEAST_LIMIT, TIMES = 2.5, 1.0, 20
ENOUGH = 8


@dataclass
class Flight:
    """A candidate that was sent out, `since` when, and for how many seconds at most."""

    candidate: Candidate
    future: "Future[Answer]"
    limit: float
    since: float

    @property
    def timed_out(self) -> bool:
        """Whether it has ended because its time was up."""
        return self.future.done() and self.future.result().get("outcome") == "timeout"


class Flights:
    """Sends candidates out, several at once, none twice but those that ran out of the short first limit.

    `submit` starts one with a limit in seconds; `whole` says how long one may take that was given the short
    limit before. `alone`: each takes its time, so that more than one at once would only slow them down; what was
    begun in time is waited for.
    """

    def __init__(
        self,
        submit: Callable[[Candidate, float], "Future[Answer]"],
        candidates: Iterator[Candidate],
        whole: Callable[[], float],
        alone: bool = False,
    ) -> None:
        self._submit = submit
        self._candidates = candidates
        self._whole = whole
        self._alone = alone
        self._flying: deque[Flight] = deque()
        self._late: deque[Candidate] = deque()
        self._beside: Flight | None = None
        self._more = True
        self._seconds: deque[float] = deque(maxlen=32)

    @property
    def head(self) -> Flight | None:
        """The one that is waited for."""
        return self._flying[0] if self._flying else self._beside

    def first_limit(self) -> float:
        """Seconds that one may hold the others up, by how long those before took on this machine."""
        if self._alone:
            return self._whole()
        usual = statistics.median(self._seconds) if len(self._seconds) >= ENOUGH else FIRST_LIMIT
        return min(max(usual * TIMES, LEAST_LIMIT), FIRST_LIMIT, self._whole())

    def unfinished(self) -> list[Candidate]:
        """Those that have no answer yet, to be tried first the next time."""
        beside = [self._beside.candidate] if self._beside else []
        return [*(flight.candidate for flight in self._flying), *beside, *self._late]

    def next(
        self, deadline: Callable[[], float], waited: Callable[[Flight], None] = lambda flight: None
    ) -> Flight | None:
        """The next one that has ended; None when time is up or none is left. `waited` hears who is waited for."""
        width = 1 if self._alone else AT_ONCE
        while (in_time := time.monotonic() < deadline()) or self._is_owed():
            if self._beside is not None and self._beside.future.done():
                ended, self._beside = self._beside, None
                return ended
            if in_time:
                self._fill(width)
            if not self._flying and self._beside is None:
                return None
            if self._flying and self._flying[0].future.done():
                ended = self._flying.popleft()
                if ended.timed_out and ended.limit < self._whole():
                    self._late.append(ended.candidate)
                    continue
                self._seconds.append(float(ended.future.result().get("seconds") or 0.0))
                return ended
            under_way = [flight.future for flight in (*list(self._flying)[:1], self._beside) if flight is not None]
            left = max(min(WAITS, deadline() - time.monotonic()), 0.0) if in_time else WAITS
            done, _ = wait(under_way, timeout=left, return_when=FIRST_COMPLETED)
            if not done:
                width = width if self._alone else min(width + 1, MOST)
                if self.head is not None:
                    waited(self.head)
        return None

    def _is_owed(self) -> bool:
        """Whether one that takes its time has still some of it left."""
        return self._alone and any(time.monotonic() < flight.since + flight.limit for flight in self._flying)

    def _fill(self, width: int) -> None:
        while self._more and len(self._flying) < width:
            candidate = next(self._candidates, None)
            if candidate is None:
                self._more = False
                break
            self._flying.append(self._sent(candidate, self.first_limit()))
        if self._late and self._beside is None:
            self._beside = self._sent(self._late.popleft(), self._whole())

    def _sent(self, candidate: Candidate, limit: float) -> Flight:
        return Flight(candidate, self._submit(candidate, limit), limit, time.monotonic())
