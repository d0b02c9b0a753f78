"""A candidate that never ends gets much time once, beside the others; the ones after it have the usual time again."""

from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any, cast

from triage.domain.judge import Judgement
from triage.domain.verdict import ExpectedFailure, FailurePoint, Verdict
from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.searching.flights import FIRST_LIMIT
from triage.drafting.replay.searching.search import SLOW, Findings, Search
from triage.drafting.replay.searching.server import Outcome, ReplayServer

EXPECTED = ExpectedFailure("ValueError", "x", (FailurePoint("shop.py", "total", "raise ValueError", 1),))


class Waiting:
    """A server on which every candidate waits for ever."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    def submit(self, source: str, test: str, timeout: float) -> "Future[dict[str, Any]]":
        self.asked.append(timeout)
        done: Future[dict[str, Any]] = Future()
        done.set_result({"outcome": "timeout"})
        return done

    def cancel(self) -> None:
        """Nothing is under way."""


def judged(expected: ExpectedFailure, outcome: Outcome) -> Judgement:
    return Judgement(Verdict.TIMEOUT if outcome.report.timed_out else Verdict.PASSED, "")


def candidates() -> Iterator[Candidate]:
    for at in range(8):
        yield Candidate((), (), f"shop.total{at}", "called")


def test_only_one_candidate_gets_more_time() -> None:
    server = Waiting()
    findings = Findings()
    search = Search(EXPECTED, judged, cast(ReplayServer, server), None, 6.0)
    search.run(candidates(), findings, deadline=float("inf"))
    assert server.asked.count(SLOW) == 1
    assert server.asked.count(FIRST_LIMIT) == 8
    assert server.asked[-1] == 6.0
    assert findings.tried == 8
