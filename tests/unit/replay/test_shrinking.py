"""Making a candidate smaller: the first that fails alike is kept, none is tried twice, none may hang for long."""

import ast
import itertools
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, cast

from triage.domain.judge import Judgement
from triage.domain.verdict import ExpectedFailure, FailurePoint, RunReport, Verdict
from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.searching.search import Search, Tried
from triage.drafting.replay.searching.server import Outcome, ReplayServer
from triage.drafting.replay.smaller.shrinking import LEAST_SECONDS, TIMES, Shrinking

EXPECTED = ExpectedFailure("ValueError", "x", (FailurePoint("shop.py", "total", "raise ValueError", 1),))
FAR = float("inf")


class Server:
    """Every call with a 3 among its arguments fails as in production."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.limits: list[float] = []

    def submit(self, source: str, test: str, timeout: float) -> "Future[dict[str, Any]]":
        self.asked.append(source.splitlines()[-1].strip())
        self.limits.append(timeout)
        done: Future[dict[str, Any]] = Future()
        done.set_result({"outcome": "raised" if "3" in source else "returned"})
        return done

    def cancel(self) -> None:
        """Nothing is under way."""


def judged(expected: ExpectedFailure, outcome: Outcome) -> Judgement:
    return Judgement(Verdict.REPRODUCED if outcome.outcome == "raised" else Verdict.PASSED, "")


def shrinking(server: Server, body: str, seconds: float = 0.01, usual: float = 6.0) -> Shrinking:
    search = Search(EXPECTED, judged, cast(ReplayServer, server), None, usual)
    candidate = Candidate((), tuple(ast.parse(body).body), "total", "")
    report = RunReport("call", "failed", seconds=seconds)
    return Shrinking(search, Tried(candidate, Verdict.REPRODUCED, Outcome("raised", report, {}, {})))


def fewer_arguments(candidate: Candidate) -> Iterator[Candidate]:
    call = cast(ast.Call, cast(ast.Expr, candidate.body[0]).value)
    for kept in itertools.combinations(call.args, len(call.args) - 1):
        yield replace(candidate, body=(ast.Expr(ast.Call(call.func, list(kept), [])),))


def test_the_smallest_that_fails_alike_is_left() -> None:
    server = Server()
    made = shrinking(server, "total(1, 2, 3, 4, 5)")
    made.improve(fewer_arguments, FAR)
    assert ast.unparse(made.best.candidate.body[0]) == "total(3)"


def test_what_was_refused_is_not_tried_again() -> None:
    server = Server()
    made = shrinking(server, "total(3, 3)")
    made.improve(fewer_arguments, FAR)
    tried = len(server.asked)
    made.improve(fewer_arguments, FAR)
    assert server.asked.count("return total()") == 1
    assert len(server.asked) == tried


def test_one_that_hangs_is_not_waited_for_longer_than_the_whole_took() -> None:
    server = Server()
    shrinking(server, "total(3, 4)").improve(fewer_arguments, FAR)
    assert set(server.limits) == {LEAST_SECONDS}
    assert shrinking(server, "total(3, 4)", seconds=0.5).limit == 0.5 * TIMES
    assert shrinking(server, "total(3, 4)", seconds=9.0).limit == 18.0


def test_what_would_not_end_in_time_is_not_begun() -> None:
    server = Server()
    made = shrinking(server, "total(3, 4)", seconds=1e9)
    made.improve(fewer_arguments, 1e9)
    assert server.asked == []
