"""What a comprehension or a mapped lambda was at, told by what the inner function was handed."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from triage.domain.event import Json
from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.entries import each
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.sources import parse_event

REGISTER = "<shop.register.Register object at 0x7f0>"

SERVICE = """
class Service:
    def invoice_all(self):
        return [self.invoice(order.number) for order in self.orders.all()]

    def statements(self, month, ibans=None):
        wanted = list(ibans)
        with Pool() as pool:
            return list(pool.map(lambda iban: self.invoice(iban), wanted))

    def both(self, numbers):
        return {self.invoice(number) for number in numbers}

    def invoice(self, number):
        return self.customers.find(number).name

    def due(self, register, month):
        return {number: month for number in register.numbers(month) if self.invoice(number)}
"""


class NoTarget:
    """An interpreter that knows every name as a class, and nothing about it."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        paths = fields.get("paths")
        return {"found": {path: {"kind": "class"} for path in paths}} if isinstance(paths, list) else {}


def frame(line: int, name: str, variables: Mapping[str, Json]) -> StackFrame:
    source = SourceFile("shop/app.py", dict(enumerate(SERVICE.split("\n"), 1)), True)
    view = view_of(source, line, name)
    return StackFrame(line, Kind.REPO, name, source.path, line, source, view, variables, "shop.app", name)


INNER = frame(15, "invoice", {"self": "<Service object at 0x7f>", "number": "'2026-119'"})


@pytest.mark.parametrize(
    ("outer", "name", "held", "over"),
    [
        (frame(4, "invoice_all", {}), "order", "namespace(number='2026-119')", "self.orders.all()"),
        (frame(9, "<lambda>", {"month": "'2026-10'", "iban": "'NO1'"}), "iban", "'NO1'", "wanted"),
        (frame(12, "both", {"numbers": ["'1'", "'2026-119'"]}), "number", "'2026-119'", "numbers"),
    ],
)
def test_the_item(outer: StackFrame, name: str, held: str, over: str) -> None:
    item = each.item_of(outer, INNER)
    assert item is not None
    assert (item.name, item.frame.variables[name], ast.unparse(item.over)) == (name, held, over)
    assert item.frame.qualname.startswith("Service.")
    assert not item.frame.is_comprehension


def test_a_condition_asks_for_each_too() -> None:
    item = each.item_of(frame(18, "due", {"month": "'2026-10'"}), INNER)
    assert item is not None
    assert (item.name, item.frame.variables["number"]) == ("number", "'2026-119'")


def test_what_is_gone_through_comes_from_the_parameter_that_was_asked(tmp_path: Path) -> None:
    outer = frame(18, "due", {"self": "<shop.app.Service object at 0x7f>", "register": REGISTER, "month": "'2026-10'"})
    raw = {"event_id": "a", "exception": {"values": [{"type": "AttributeError", "value": "no name"}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), (outer, INNER), ("shop",), tmp_path, (".",))
    item = each.item_of(outer, INNER)
    assert item is not None
    made = each.build(Builder(scene, Names(NoTarget(), ("shop",), ()), Mined(tmp_path), Choices()), item, [])
    text = "\n".join(ast.unparse(node) for node in made.body)
    assert "register.numbers.return_value = ['2026-119']" in text
    assert "due(register, '2026-10')" in text


def test_a_plain_call_goes_through_nothing() -> None:
    assert each.item_of(INNER, INNER) is None
