"""What is offered when nothing reproduced: it parses, marks its holes, and says what it is."""

import ast
from datetime import UTC, datetime
from pathlib import Path

from triage.domain.event import Event
from triage.domain.verdict import ExpectedFailure, FailurePoint
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.drafting.replay.written.skeleton import Skeleton, skeleton
from triage.drafting.replay.written.style import Style

SHOP = """\
class Cart:
    def total(self, items, rate=1):
        return sum(items) / rate


def price(item):
    return item.price
"""


def made(line: int, function: str, missing: tuple[str, ...] = (), message: str = "division by zero") -> Skeleton | None:
    event = Event("e" * 32, "sdk", datetime(2026, 5, 1, tzinfo=UTC), release='shop@"""1.2')
    source = SourceFile("shop.py", dict(enumerate(SHOP.split("\n"), 1)), True)
    frame = StackFrame(
        0, Kind.REPO, function, "shop.py", line, source, view_of(source, line, function), {}, "shop", function
    )
    scene = Scene(event, (frame,), ("shop",), Path(), (".",))
    expected = ExpectedFailure("ZeroDivisionError", message, (FailurePoint("shop.py", function, "return 1 / 0", line),))
    return skeleton(Path("/nowhere"), event, expected, scene, None, missing, Style())


def test_the_outermost_function_with_a_hole_for_every_argument() -> None:
    found = made(7, "price", ("price: item (an object known only by name)",))
    assert found is not None
    ast.parse(found.source)
    assert "SKELETON, not a reproduction" in found.source
    assert "@pytest.mark.skip" in found.source
    assert "# HOLE: price: item (an object known only by name)" in found.source
    assert "item = ...  # HOLE" in found.source
    assert "price(item=item)" in found.source
    assert found.path == "tests/test_price_zero_division_error.py"


def test_a_method_needs_its_object() -> None:
    found = made(3, "Cart.total")
    assert found is not None
    assert "cart = Cart(...)  # HOLE: how it was made" in found.source
    assert "cart.total(items=items, rate=rate)" in found.source


def test_a_backslash_of_the_message_stays_one() -> None:
    found = made(7, "price", message=r"cannot encode '\u0141'")
    assert found is not None
    assert r"\u0141" in (ast.get_docstring(ast.parse(found.source).body[-1]) or "")  # type: ignore[arg-type]


def test_hostile_texts_stay_texts() -> None:
    hostile = '"""\nimport os; os.system("x")\n\\'
    found = made(7, "price", (hostile, *["x\n    raise SystemExit"] * 30), hostile)
    assert found is not None
    tree = ast.parse(found.source)
    assert [type(node).__name__ for node in tree.body] == ["Import", "ImportFrom", "FunctionDef"]
    assert not any(isinstance(node, ast.Raise) for node in ast.walk(tree))
    assert "os.system" not in [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
