"""Rows behind a relation, told by a list that was made of them."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from triage.domain.event import Json
from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building import rows
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.sources import parse_event

TOTAL = """
def total(basket):
    prices = [line.price for line in basket.{over} if line.active]
    return sum(prices)
"""
BASKET = {
    "kind": "class", "module": "shop.app", "qualname": "Basket", "mapper": "django",
    "columns": [{"name": "id", "kind": "AutoField", "primary": True}],
    "children": [["lines", "shop.app:Line", "basket"]],
}  # fmt: skip
LINE = {
    "kind": "class", "module": "shop.app", "qualname": "Line", "mapper": "django",
    "columns": [
        {"name": "basket", "kind": "ForeignKey", "target": "shop.app:Basket"},
        {"name": "price", "kind": "DecimalField", "nullable": True},
        {"name": "active", "kind": "BooleanField", "choice": "False"},
    ],
}  # fmt: skip


class Shop:
    """An interpreter with two mapped classes."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        paths = fields.get("paths")
        known = [str(path) for path in paths] if isinstance(paths, list) else []
        tables = {"Basket": BASKET, "Line": LINE}
        return {"found": {path: tables[path.rpartition(":")[2]] for path in known if path.rpartition(":")[2] in tables}}


def made(root: Path, over: str, variables: Mapping[str, Json]) -> list[str]:
    source = SourceFile("shop/app.py", dict(enumerate(TOTAL.format(over=over).split("\n"), 1)), True)
    view = view_of(source, 4, "")
    frame = StackFrame(0, Kind.REPO, "total", source.path, 4, source, view, variables, "shop.app", "total")
    raw = {"event_id": "a", "exception": {"values": [{"type": "TypeError", "value": "unsupported"}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), (frame,), ("shop",), root, (".",))
    builder = Builder(scene, Names(Shop(), ("shop",), ()), Mined(root), Choices())
    rows.all_made(builder)
    return [ast.unparse(ast.fix_missing_locations(item)) for item, _ in builder.items]


@pytest.mark.parametrize("over", ["lines", "lines.all()", "lines.filter(gone=False).order_by('pk')"])
def test_a_row_for_each_value_of_the_list(tmp_path: Path, over: str) -> None:
    held: dict[str, Json] = {"basket": "<Basket: Basket object (5)>", "prices": ["34", "None"]}
    assert made(tmp_path, over, held) == [
        "basket = Basket.objects.create(id=5)",
        "line = Line.objects.create(basket=basket, price=34, active=True)",
        "line_2 = Line.objects.create(basket=basket, price=None, active=True)",
    ]


def test_a_list_of_something_else_makes_no_rows(tmp_path: Path) -> None:
    held: dict[str, Json] = {"basket": "<Basket: Basket object (5)>", "prices": ["1"]}
    assert made(tmp_path, "vouchers", held) == ["basket = Basket.objects.create(id=5)"]
