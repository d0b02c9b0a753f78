"""What a line of another program was handed by the line that called it; what standard messages betray."""

import ast
import json
from datetime import date, datetime
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.drafting.replay.betrayed import betrayed
from triage.drafting.replay.handed import fitness, names_of


def statement(text: str) -> ast.stmt:
    return ast.parse(text).body[0]


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def test_names_that_a_line_reads_and_does_not_bind() -> None:
    line = statement("return [sorted(c) for c in nx.community.find(graph, seed=limit)]".replace("return ", ""))
    assert names_of(line) == ["nx", "graph", "limit"]


@pytest.mark.parametrize(
    ("line", "name", "handed", "fits"),
    [
        ("total(order['rows'])", "order", "{'rows': []}", 1),
        ("total(order['rows'])", "order", "{'lines': []}", -1),
        ("total(order['rows'])", "order", "'rows'", -1),
        ("total(text.strip())", "text", "' a '", 1),
        ("total(text.strip())", "text", "3", -1),
        ("total(order.get('x'))", "order", "{}", 1),
        ("check(source, path)", "source", "source", 1),
        ("check(source, path)", "path", "source", 0),
        ("check(source, path)", "path", "'a.py'", 0),
    ],
)
def test_an_argument_suits_what_the_line_does_with_a_name(line: str, name: str, handed: str, fits: int) -> None:
    assert fitness(statement(line), name, expression(handed)) == fits


def messages() -> list[tuple[str, object]]:
    """Messages as this Python writes them, each with what raises it from a betrayed value."""

    def said(run: object, *given: object) -> str:
        try:
            run(*given)  # type: ignore[operator]
        except Exception as error:
            return str(error)
        raise AssertionError("no error")

    def decode(value: bytes) -> str:
        return value.decode("utf-8")

    def pair(value: str) -> tuple[str, str]:
        one, two = list(value)
        return one, two

    calls: list[tuple[object, object]] = [
        (decode, b"caf\xe9 noir"), (decode, b"caf\xc3"), (json.loads, "nope"), (json.loads, "{} {}"),
        (json.loads, "[1 2]"), (json.loads, "{a}"), (lambda value: date(2024, value, 1), 14),
        (lambda value: datetime(2024, 1, 1, value), 30), (urlsplit, "http://[x"), (pair, "a"), (pair, "abc"),
        (bytes.fromhex, "xx"), (lambda value: 1 // value, 0), (lambda value: value.encode("ascii"), "caf\xe9"),
        (max, []), (int, float("inf")), (lambda value: __import__("re").compile(value), "*"),
    ]  # fmt: skip
    return [(said(run, value), run) for run, value in calls]


@pytest.mark.parametrize(("message", "run"), messages(), ids=lambda item: item[:40] if isinstance(item, str) else "")
def test_a_message_betrays_a_value_that_leads_to_it(message: str, run: object) -> None:
    kinds = set()
    for value in betrayed(message):
        try:
            run(value)  # type: ignore[operator]
        except Exception as error:
            kinds.add(str(error).partition(" in position")[0].partition(": line")[0][:30])
    assert message.partition(" in position")[0].partition(": line")[0][:30] in kinds


@given(st.text(max_size=80))
def test_any_message_can_be_asked(message: str) -> None:
    assert isinstance(betrayed(message), list)
