"""What a dependency gave is told by the frame it was passed on to; what lookups found is put back where they looked."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from triage.domain.event import Json
from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building import answers, stand_ins
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.entries import recorded
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.recordings import assignment, handed_on
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.drafting.replay.world import held_state
from triage.sources import parse_event

CODE = """
class Report:
    def __init__(self, feed, shelf):
        self.feed = feed
        self.shelf = shelf

    async def today(self):
        answer = await self.feed.get("/today")
        return self.total(answer.json()["days"][1], await self.feed.rate("NOK"))

    def total(self, day, rate):
        return day["sold"] * rate

    def place(self, name):
        kept = self.shelf[name]
        return kept + 1
"""
ROWS = """
class Store:
    def find(self, key):
        row = self.db.execute("select", key).fetchone()
        return self.made(row)

    def made(self, found):
        return int(found["n"]) + parse(found["at"])
"""


class NoTarget:
    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        return {}


def frame(code: str, index: int, line: int, variables: Mapping[str, Json]) -> StackFrame:
    source = SourceFile("shop/app.py", dict(enumerate(code.strip("\n").split("\n"), 1)), True)
    view = view_of(source, line, "")
    name = view.node.name if view.node is not None else ""
    return StackFrame(index, Kind.REPO, name, source.path, line, source, view, variables, "shop.app", name)


def builder(root: Path, frames: tuple[StackFrame, ...], kind: str, message: str) -> Builder:
    raw = {"event_id": "a", "exception": {"values": [{"type": kind, "value": message}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), frames, ("shop",), root, (".",))
    return Builder(scene, Names(NoTarget(), ("shop",), ()), Mined(root), Choices())


def text(made: Builder) -> list[str]:
    return [ast.unparse(ast.fix_missing_locations(item)) for item, _ in made.items]


def test_what_was_passed_on_at_once_tells_what_the_calls_gave(tmp_path: Path) -> None:
    outer = frame(CODE, 0, 8, {"answer": "<Response [200 OK]>"})
    inner = frame(CODE, 1, 11, {"day": {"sold": "None"}, "rate": "11.2"})
    made = builder(tmp_path, (outer, inner), "TypeError", "")
    found = {item.name: item for item in handed_on(made.scene, outer)}
    assert [(item.root, item.chain, item.keys, item.awaited) for item in found.values()] == [
        ("answer", ("json",), ("days", 1), False),
        ("self", ("feed", "rate"), (), True),
    ]
    assert ast.unparse(recorded.answer(made, found["rate"])) == "11.2"
    assert ast.unparse(recorded.answer(made, found["day"])) == "{'days': [day, day]}"
    assert text(made) == ["day = {'sold': None}"]


def test_a_parameter_that_was_bound_anew_tells_nothing(tmp_path: Path) -> None:
    code = CODE.replace("        return day", "        day = {}\n        return day")
    outer, inner = frame(code, 0, 8, {}), frame(code, 1, 12, {"day": {}, "rate": "1"})
    made = builder(tmp_path, (outer, inner), "KeyError", "'sold'")
    assert [item.name for item in handed_on(made.scene, outer)] == ["rate"]


def test_a_row_has_the_columns_that_the_next_function_reads_of_it(tmp_path: Path) -> None:
    row = "<sqlite3.Row object at 0x7fd940e49420>"
    outer, inner = frame(ROWS, 0, 4, {"row": row}), frame(ROWS, 1, 7, {"found": row})
    made = builder(tmp_path, (outer, inner), "TypeError", "int() argument must be a string, not 'NoneType'")
    like = stand_ins.subscripted(made, outer, "row")
    assert like is not None
    assert ast.unparse(like) == "{'n': None, 'at': 'x'}"
    other = frame(ROWS, 1, 7, {"found": row.replace("49420", "49421")})
    assert stand_ins.subscripted(builder(tmp_path, (outer, other), "TypeError", ""), outer, "row") is None


@pytest.mark.parametrize(("held", "laid"), [("41", True), ("None", False), ("<Pot object at 0x7f>", False)])
def test_what_was_found_under_a_key_lies_there(tmp_path: Path, held: str, laid: bool) -> None:
    shown = "<shop.app.Report object at 0x7f01>"
    at = frame(CODE, 0, 15, {"self": shown, "name": "'top'", "kept": held})
    made = builder(tmp_path, (at,), "TypeError", "")
    held_state.collect(made, ast.Name("report"), shown)
    assert text(made) == (["report.shelf = {'top': 41}"] if laid else [])


LOOP = """
def order(shop, body):
    for line in body["lines"]:
        item = shop.items.get(line["sku"])
        check(item)
    return shop.total(body)
"""


def test_earlier_rounds_of_a_loop_found_something_alike(tmp_path: Path) -> None:
    shown = "<shop.app.Shop object at 0x7f01>"
    body: Json = {"lines": [{"sku": "'a'"}, {"sku": "'b'"}]}
    at = frame(LOOP, 0, 5, {"shop": shown, "body": body, "line": {"sku": "'b'"}, "item": "12"})
    made = builder(tmp_path, (at,), "KeyError", "'c'")
    held_state.collect(made, ast.Name("shop"), shown)
    assert text(made)[-1] == "shop.items = {'a': 12, 'b': 12}"


SHARED = """
class Sums:
    def all(self, session):
        for shop in session.rows("shop"):
            self.one(session, shop)

    def one(self, inner, shop):
        sizes = inner.rows("size", shop).all()
        return sum(sizes)
"""


def test_what_is_asked_of_an_object_further_in_is_asked_of_the_same_object(tmp_path: Path) -> None:
    outer = frame(SHARED, 0, 4, {"session": "[Filtered]", "shop": "3"})
    inner = frame(SHARED, 1, 8, {"inner": "<shop.Session object at 0x7f01>", "shop": "3", "sizes": ["1", "None"]})
    made = builder(tmp_path, (outer, inner), "TypeError", "")
    asked = answers.asked_of(made, outer, "session")
    assert [answers.beside(item, asked).chain for item in asked] == [
        ("rows", "return_value", "__iter__"),
        ("rows", "return_value", "all"),
    ]
    assert [item.root for item in asked] == ["session", "inner"]
    mock = answers.of_local(made, outer, "session")
    assert mock is not None
    assert text(made) == [
        "session = MagicMock()",
        "session.rows.return_value.__iter__.return_value = [3]",
        "sizes = [1, None]",
        "session.rows.return_value.all.return_value = sizes",
    ]


TRIED = """
def ask(url):
    answer = None
    try:
        with limit(3):
            answer = fetch(url)
    except OSError:
        return None
    return answer.json()
"""


def test_what_was_assigned_in_a_block_that_was_left_is_found_there() -> None:
    at = frame(TRIED, 0, 8, {"answer": "<Response [200]>"})
    found = assignment(at, "answer")
    assert found is not None
    assert ast.unparse(found) == "answer = fetch(url)"
    assert assignment(at, "other") is None
