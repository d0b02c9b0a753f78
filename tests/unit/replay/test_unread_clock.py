"""A frozen clock that nothing reads is no part of the test."""

import ast
from concurrent.futures import Future
from datetime import datetime, timezone
from typing import Any, cast

import pytest

from triage.domain.judge import Judgement
from triage.domain.verdict import ExpectedFailure, FailurePoint, RunReport, Verdict
from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.searching.search import Search, Tried
from triage.drafting.replay.searching.server import Outcome, ReplayServer
from triage.drafting.replay.smaller.unread_clock import without_unread_clocks

BODY = """
class FrozenDate(date):

    @classmethod
    def today(cls):
        return cls(2026, 11, 21)
monkeypatch.setattr(shop, 'date', FrozenDate)
total(3)
"""


class Server:
    """A function that fails as in production, unless it reads a clock that cannot be read, or fails on that day."""

    def __init__(self, reads: bool, day: str) -> None:
        self.reads, self.day = reads, day

    def submit(self, source: str, test: str, timeout: float) -> "Future[dict[str, Any]]":
        done: Future[dict[str, Any]] = Future()
        fails = "NotImplementedError" not in source and self.day in source if self.reads else True
        done.set_result({"outcome": "raised" if fails else "returned"})
        return done


@pytest.mark.parametrize(("reads", "day", "left"), [(True, "2026, 11, 21", 3), (False, "", 1), (True, "", 1)])
def test_it_goes_only_where_nothing_reads_it_or_any_day_does(reads: bool, day: str, left: int) -> None:
    def judged(expected: ExpectedFailure, outcome: Outcome) -> Judgement:
        return Judgement(Verdict.REPRODUCED if outcome.outcome == "raised" else Verdict.PASSED, "")

    expected = ExpectedFailure("ValueError", "x", (FailurePoint("shop.py", "total", "raise ValueError", 1),))
    search = Search(expected, judged, cast(ReplayServer, Server(reads, day)), None, 6.0)
    notes = ("the clock stands where it stood in production",)
    candidate = Candidate((), tuple(ast.parse(BODY).body), "total", "", fixtures=("monkeypatch",), notes=notes)
    outcome = Outcome("raised", RunReport("call", "failed"), {}, {})
    found = without_unread_clocks(search, Tried(candidate, Verdict.REPRODUCED, outcome)).candidate
    assert len(found.body) == left
    assert found.notes == (notes if left == 3 else ())


DATETIME = """
class FrozenDatetime(datetime):

    @classmethod
    def now(cls, tz=None):
        return cls(2026, 1, 2, tzinfo=timezone.utc).astimezone(tz) if tz else cls(2026, 1, 2)

    @classmethod
    def utcnow(cls):
        return cls(2026, 1, 2)
monkeypatch.setattr(shop, 'datetime', FrozenDatetime)
total(3)
"""


class Running:
    """Runs the clock of what it is sent, and asks it for what the code under test asks for."""

    def __init__(self, asks: str) -> None:
        self.asks = asks

    def submit(self, source: str, test: str, timeout: float) -> "Future[dict[str, Any]]":
        told = source.replace("monkeypatch.setattr(shop, 'datetime', FrozenDatetime)", self.asks).replace(
            "total(3)", ""
        )
        space: dict[str, Any] = {"datetime": datetime, "timezone": timezone}
        done: Future[dict[str, Any]] = Future()
        try:
            exec(told, space)
            space[test]()
            done.set_result({"outcome": "raised" if "2026, 1, 2" in source else "returned"})
        except (NotImplementedError, NameError):
            done.set_result({"outcome": "returned"})
        return done


@pytest.mark.parametrize(
    ("asks", "methods", "result"),
    [
        ("FrozenDatetime.now()", ["now"], "cls(2026, 1, 2)"),
        ("FrozenDatetime.now(timezone.utc)", ["now"], "cls(2026, 1, 2, tzinfo=timezone.utc).astimezone(tz)"),
        ("FrozenDatetime.utcnow()", ["utcnow"], "cls(2026, 1, 2)"),
    ],
)
def test_of_a_clock_that_is_read_only_what_is_asked_of_it_stays(asks: str, methods: list[str], result: str) -> None:
    def judged(expected: ExpectedFailure, outcome: Outcome) -> Judgement:
        return Judgement(Verdict.REPRODUCED if outcome.outcome == "raised" else Verdict.PASSED, "")

    expected = ExpectedFailure("ValueError", "x", (FailurePoint("shop.py", "total", "raise ValueError", 1),))
    search = Search(expected, judged, cast(ReplayServer, Running(asks)), None, 6.0)
    candidate = Candidate((), tuple(ast.parse(DATETIME).body), "total", "", fixtures=())
    outcome = Outcome("raised", RunReport("call", "failed"), {}, {})
    found = without_unread_clocks(search, Tried(candidate, Verdict.REPRODUCED, outcome)).candidate
    clock = cast(ast.ClassDef, found.body[0])
    assert [item.name for item in clock.body if isinstance(item, ast.FunctionDef)] == methods
    assert ast.unparse(cast(ast.FunctionDef, clock.body[0]).body[-1]) == f"return {result}"
