"""What a line of another program was handed by the line that called it; what standard messages betray."""

import ast
import json
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain.incoming import Kind as Payload
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.entries import caller
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.betrayed import betrayed
from triage.drafting.replay.stack.handed import fitness, names_of
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import FunctionView, SourceFile, view_of
from triage.sources import parse_event


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


class Repo:
    """An interpreter in which `shop` has `total` and the class `Cart`."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, object]:
        if op == "tops":
            return {"names": ["shop"]}
        if op == "describe":
            path = str(fields["paths"])[2:-2]
            return {"found": {path: {"kind": "class", "parameters": [], "mro": ["shop.Cart"], "abstract": False}}}
        return {}


def called(root: Path, outer: str, inner: str, crash: str = "total", classes: tuple[str, ...] = ()) -> str:
    """The first program for a traceback of two lines of a script, `main` and `work`, and one of the repo."""
    event = parse_event(
        b'{"event_id": "a", "exception": {"values": [{"type": "ValueError", "value": "x"}]}}', Payload.SDK
    )
    lines = SourceFile("/srv/driver.py", {9: f"    {outer}", 20: f"    {inner}"}, False)
    function = ast.parse(f"def {crash}(self, rows): pass").body[0]
    assert isinstance(function, ast.FunctionDef)
    view = FunctionView(function, (), frozenset(), None, classes)
    frames = (
        StackFrame(0, Kind.SERVICE, "main", "/srv/driver.py", 9, lines, view_of(lines, 9, "main"), {}),
        StackFrame(1, Kind.SERVICE, "work", "/srv/driver.py", 20, lines, view_of(lines, 20, "work"), {}),
        StackFrame(2, Kind.REPO, crash, "shop.py", 1, SourceFile("shop.py", {}, True), view, {}, module="shop"),
    )
    scene = Scene(event, frames, ("shop",), root, (".",))
    builder = Builder(scene, Names(Repo(), ("shop",), ("shop",)), Mined(root, (".",)), Choices())
    candidate = caller.build(builder, frames[1])
    return "\n".join(ast.unparse(item) for item in candidate.body)


def test_what_one_line_hands_to_the_next_takes_the_place_of_its_names(tmp_path: Path) -> None:
    code = called(tmp_path, "print(work({'rows': [], 'key': 'id'}))", "return shop.total(order['rows'])")
    assert code.splitlines() == ["order = {'rows': [], 'key': 'id'}", "shop.total(order['rows'])"]
    code = called(tmp_path, "print(work('x = 1', 'red'))", "return shop.total(code, error_color=color)")
    assert code == "shop.total('x = 1', error_color='red')"


def test_an_object_whose_method_is_called_is_one_of_the_repo(tmp_path: Path) -> None:
    code = called(tmp_path, "print(work())", "return basket.total(3)", classes=("Cart",))
    assert code.splitlines() == ["cart = Cart()", "cart.total(3)"]
