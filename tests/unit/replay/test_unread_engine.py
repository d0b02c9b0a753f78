"""A database of the test's own that nothing opens is no part of the test."""

import ast
from concurrent.futures import Future
from typing import Any, cast

import pytest

from triage.domain.judge import Judgement
from triage.domain.verdict import ExpectedFailure, FailurePoint, RunReport, Verdict
from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.searching.search import Search, Tried
from triage.drafting.replay.searching.server import Outcome, ReplayServer
from triage.drafting.replay.smaller.unread_engine import without_unread_engines

BODY = """
engine = create_engine('sqlite://')
monkeypatch.setattr(shop.db, 'engine', engine)
total(3)
"""


class Server:
    """A function that fails as in production, unless it opens what is no engine."""

    def __init__(self, opens: bool) -> None:
        self.opens = opens

    def submit(self, source: str, test: str, timeout: float) -> "Future[dict[str, Any]]":
        done: Future[dict[str, Any]] = Future()
        fails = "create_engine(" in source or not self.opens
        done.set_result({"outcome": "raised" if fails else "returned"})
        return done


@pytest.mark.parametrize(("opens", "left"), [(True, 3), (False, 1)])
def test_it_goes_only_where_nothing_opens_it(opens: bool, left: int) -> None:
    def judged(expected: ExpectedFailure, outcome: Outcome) -> Judgement:
        return Judgement(Verdict.REPRODUCED if outcome.outcome == "raised" else Verdict.PASSED, "")

    expected = ExpectedFailure("ValueError", "x", (FailurePoint("shop.py", "total", "raise ValueError", 1),))
    search = Search(expected, judged, cast(ReplayServer, Server(opens)), None, 6.0)
    candidate = Candidate((), tuple(ast.parse(BODY).body), "total", "", fixtures=("monkeypatch",))
    outcome = Outcome("raised", RunReport("call", "failed"), {}, {})
    found = without_unread_engines(search, Tried(candidate, Verdict.REPRODUCED, outcome)).candidate
    assert len(found.body) == left
    assert found.fixtures == (("monkeypatch",) if opens else ())
