"""What a comprehension or a mapped lambda was at, told by what the inner function was handed."""

import ast
from collections.abc import Mapping

import pytest

from triage.domain.event import Json
from triage.drafting.replay.entries import each
from triage.drafting.replay.scene import Kind, StackFrame
from triage.drafting.replay.views import SourceFile, view_of

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
"""


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


def test_a_plain_call_goes_through_nothing() -> None:
    assert each.item_of(INNER, INNER) is None
