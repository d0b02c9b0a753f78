"""What the fixed service answers is asserted beside its status, where another run would answer the same."""

import ast
from concurrent.futures import Future
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

import triage.inside
from triage.domain.judge import Judgement
from triage.domain.verdict import ExpectedFailure, FailurePoint, RunReport, Verdict
from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.searching.search import Fixed, Search, Tried
from triage.drafting.replay.searching.server import Outcome, ReplayServer
from triage.drafting.replay.written.answered import read_body
from triage.drafting.replay.written.claims import claim

EXPECTED = ExpectedFailure("KeyError", "'x'", (FailurePoint("shop.py", "show", "return x['x']", 1),))


class Response:
    """What a test client gives: one that reads JSON by `reader`, or text."""

    def __init__(self, answer: object, status: int, reader: str) -> None:
        self.status_code, self.headers = status, {"Location": "/done/"} if status == 302 else {}
        if isinstance(answer, str):
            self.text = answer
        else:
            setattr(self, reader, lambda: answer)


class Client:
    def __init__(self, answers: list[str], reader: str, status: int) -> None:
        self.answers, self.reader, self.status = answers, reader, status

    def get(self, path: str) -> Response:
        return Response(ast.literal_eval(self.answers.pop(0)), self.status, self.reader)


class Service:
    """A fixed service in this very process."""

    def __init__(self, answers: list[str], reader: str = "json", status: int = 200) -> None:
        self.client = Client(list(answers), reader, status)

    def submit(self, source: str, test: str, timeout: float, observe: bool = False) -> "Future[dict[str, Any]]":
        done: Future[dict[str, Any]] = Future()
        names: dict[str, Any] = {"client": self.client, "app": None, "TestClient": lambda app: nullcontext(self.client)}
        exec(source, names)
        value = {"repr": repr(names[test]()), "literal": True, "type": "list"}
        done.set_result({"outcome": "returned", "value": value})
        return done


@pytest.fixture(autouse=True)
def observer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(triage.inside.__path__[0])))


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
        [f"{{'at': '{date.today()}'}}"] * 2,
        ["{'id': '5f2a9c01b7d34e6f5f2a9c01b7d34e6f'}"] * 2,
        [f"{{'text': {'x ' * 200!r}}}"] * 2,
        ["''"] * 2,
    ],
)
def test_what_another_run_would_answer_otherwise_is_not(answers: list[str]) -> None:
    assert read(Service(answers)).body is None


def test_inside_a_with_block_the_candidate_stays_as_it_was() -> None:
    body = "with TestClient(app) as client:\n    client.get('/1').status_code"
    tried = read(Service(["[1]", "[1]"]), body)
    assert tried.body is not None
    assert ast.unparse(tried.candidate.body[0]) == body


@pytest.mark.parametrize(
    ("answer", "status", "expression", "value"),
    [
        ("'two lines'", 200, "response.text", "'two lines'"),
        ("''", 302, "response.headers['Location']", "'/done/'"),
        (f"{{'rows': {list(range(200))}, 'count': 200}}", 200, "response.json()['count']", "200"),
        (f"{{'on': '{date.today()}', 'total': 3}}", 200, "response.json()['total']", "3"),
        (
            f"{{'body': {'x ' * 400!r}, 'detail': [{{'input': {'x' * 400!r}, 'msg': 'no such country'}}]}}",
            422,
            "response.json()['detail'][0]['msg']",
            "'no such country'",
        ),
    ],
)
def test_the_part_that_tells_most_is_enough(answer: str, status: int, expression: str, value: str) -> None:
    body = read(Service([answer, answer], status=status)).body
    assert body is not None
    assert (body[0], ast.unparse(body[1])) == (expression, value)


def test_of_a_command_its_output_is_asserted(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(["'3 lines'"] * 2)
    monkeypatch.setattr(Response, "exit_code", 0, raising=False)
    monkeypatch.setattr(Response, "output", "3 lines\n", raising=False)
    tried = read(service, "client.get('/1').exit_code")
    made = claim(tried.candidate, list(tried.candidate.body), tried, EXPECTED, unittest=False)
    assert [ast.unparse(ast.fix_missing_locations(item)) for item in made.body][1:] == [
        "assert result.exit_code == 200",
        "assert result.output == '3 lines\\n'",
    ]
