"""What a mined test is given: class attributes, set-up, fixtures and parameters, taken over into our test."""

import ast
from pathlib import Path
from typing import Any

import pytest

from triage.domain.event import Event
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Candidate, Choices, Dead
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Scene

TESTS = """
import pytest
from shop import Cart, Item


@pytest.fixture
def item():
    made = Item("pear")
    return made


class TestCart:
    config = Cart.settings("eu")

    class Special(Cart):
        kind = "special"

    def setup_method(self):
        self.cart = Cart(3)

    def test_attribute(self):
        self.cart.add(1)

    def test_class_value(self):
        use(Cart, self.config)

    def test_inner_class(self):
        self.Special("x").add(2)

    @pytest.mark.parametrize("count, name", [(7, "a"), (8, "b")])
    def test_rows(self, count, name):
        Cart(count).rename(name)

    def test_fixture(self, item):
        Cart(1).put(item)

    def test_unknown(self, live_server):
        Cart(2).send(live_server)
"""


class Answers:
    """An interpreter in which every asked name of `shop` exists."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        if op == "describe":
            paths = fields["paths"]
            assert isinstance(paths, list)
            return {
                "found": {
                    path: {"kind": "class"} if str(path).startswith("shop:") else {"error": "no"} for path in paths
                }
            }
        return {}


@pytest.fixture
def built(tmp_path: Path, event: Event) -> Any:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_cart.py").write_text(TESTS)
    scene = Scene(event, (), ("shop",), tmp_path, (".",))
    mined = Mined(tmp_path)

    def build(method: str) -> Candidate:
        builder = Builder(scene, Names(Answers(), ("shop",), ()), mined, Choices())
        for frame, node in mined.calls(method):
            return builder.finish(builder.expression(frame, node), "shop.Cart", "like a test")
        raise AssertionError(method)

    return build


@pytest.fixture
def event() -> Event:
    from triage.domain.incoming import Kind
    from triage.sources import parse_event

    return parse_event(b'{"event_id": "a", "exception": {"values": [{"type": "ValueError", "value": "x"}]}}', Kind.SDK)


def body(candidate: Candidate) -> str:
    return "\n".join(ast.unparse(item) for item in candidate.body)


def test_what_set_up_assigns_is_made_in_the_test(built: Any) -> None:
    assert body(built("add")) == "cart = Cart(3)\ncart.add(1)"


def test_a_class_attribute_is_taken_over(built: Any) -> None:
    assert body(built("settings")) == "Cart.settings('eu')"


def test_the_first_row_of_the_parameters_is_used(built: Any) -> None:
    assert body(built("rename")) == "Cart(7).rename('a')"


def test_a_fixture_that_returns_a_value_is_inlined(built: Any) -> None:
    assert "Item('pear')" in body(built("put"))


def test_a_fixture_of_a_plugin_is_a_dead_end(built: Any) -> None:
    with pytest.raises(Dead, match="live_server"):
        built("send")
