"""What the fixed service answers is asserted beside its status, where another run would answer the same."""

import ast
from concurrent.futures import Future
from typing import Any, cast

import pytest

from triage.domain.judge import Judgement
from triage.domain.verdict import ExpectedFailure, FailurePoint, RunReport, Verdict
from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.searching.search import Fixed, Search, Tried
from triage.drafting.replay.searching.server import Outcome, ReplayServer
from triage.drafting.replay.written.answered import read_body
from triage.drafting.replay.written.claims import claim

EXPECTED = ExpectedFailure("KeyError", "'x'", (FailurePoint("shop.py", "show", "return x['x']", 1),))


class Service:
    """A fixed service whose client reads JSON by `reader`."""

    def __init__(self, answers: list[str], reader: str = "json") -> None:
        self.answers, self.reader = answers, reader

    def submit(self, source: str, test: str, timeout: float) -> "Future[dict[str, Any]]":
        done: Future[dict[str, Any]] = Future()
        text = self.answers.pop(0) if f".{self.reader}()" in source else None
        value = {"repr": text, "literal": True, "type": "dict"}
        done.set_result({"outcome": "returned", "value": value} if text else {"outcome": "raised"})
        return done


def read(service: Service, body: str = "client.get('/1').status_code") -> Tried:
    search = Search(
        EXPECTED, lambda expected, outcome: Judgement(Verdict.PASSED, ""), cast(ReplayServer, None),
        cast(ReplayServer, service), 6.0,
    )  # fmt: skip
    candidate = Candidate((), tuple(ast.parse(body).body), "shop.show", "as an HTTP request")
    outcome = Outcome("raised", RunReport("call", "failed"), {}, {})
    return read_body(search, Tried(candidate, Verdict.REPRODUCED, outcome, Fixed(True, "", "200", True, "int")))


@pytest.mark.parametrize("reader", ["json", "get_json"])
def test_status_and_body_are_asserted(reader: str) -> None:
    tried = read(Service(["{'sum': 0}", "{'sum': 0}"], reader))
    made = claim(tried.candidate, list(tried.candidate.body), tried, EXPECTED, unittest=False)
    assert [ast.unparse(ast.fix_missing_locations(item)) for item in made.body] == [
        "response = client.get('/1')",
        "assert response.status_code == 200",
        f"assert response.{reader}() == {{'sum': 0}}",
    ]


@pytest.mark.parametrize(
    "answers",
    [
        ["{'n': 1}", "{'n': 2}"],
        ["{'at': '2026-11-21'}"] * 2,
        ["{'id': '5f2a9c01b7d34e6f'}"] * 2,
        [f"{{'text': {'x ' * 200!r}}}"] * 2,
        ["'plain'"] * 2,
    ],
)
def test_what_another_run_would_answer_otherwise_is_not(answers: list[str]) -> None:
    assert read(Service(answers)).body is None


def test_inside_a_with_block_the_candidate_stays_as_it_was() -> None:
    body = "with TestClient(app) as client:\n    client.get('/1').status_code"
    tried = read(Service(["[1]", "[1]"]), body)
    assert tried.body is not None
    assert ast.unparse(tried.candidate.body[0]) == body
