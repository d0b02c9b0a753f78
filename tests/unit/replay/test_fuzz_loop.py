"""Changing the literals of a call until it fails at the expected line, in a real fork server."""

import ast
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import cast

import pytest

from triage.domain.incoming import Kind
from triage.domain.verdict import ExpectedFailure, FailurePoint
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Candidate, Choices
from triage.drafting.replay.engine import judge
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.searching.fuzz import Fuzzing, captured_objects, filled, template_of
from triage.drafting.replay.searching.search import Search
from triage.drafting.replay.searching.server import ReplayServer
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Scene
from triage.sources import parse_event

CODE = """
import re

SHAPE = re.compile(r"(\\\\d+)kg(-x)?")


def weigh(text, unit):
    if unit != "metric":
        return 0
    found = SHAPE.match(text)
    if not found:
        return 0
    return price(found.group(2))


def price(mark):
    return mark.upper()
"""


def candidate(body: str, imports: tuple[str, ...] = ("from shop import weigh",)) -> Candidate:
    return Candidate(imports, tuple(ast.parse(body).body), "shop.weigh", "like an example")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ReplayServer]:
    (tmp_path / "shop.py").write_text(CODE)
    made = ReplayServer(Path(sys.executable), tmp_path, (".",), lambda argv, at: (list(argv), {}))
    yield made
    made.close()


def asked(server: ReplayServer, body: str, **more: object) -> dict[str, object]:
    template = template_of(candidate(body))
    assert template is not None
    request: dict[str, object] = {
        "source": template.source,
        "seeds": [list(template.seed)],
        "said": [],
        "type": "AttributeError",
        "crash": ["shop.py", "price", "returnmark.upper()"],
        "steps": [["shop.py", "weigh"], ["shop.py", "price"]],
        "seconds": 4.0,
        "seed": 1,
        "timeout": 10.0,
    }
    return server.fuzz(**{**request, **more}).result(20)


def test_words_of_the_code_lead_to_a_line_that_no_example_reaches(server: ReplayServer) -> None:
    answer = asked(server, "weigh('apples', 'imperial')")
    assert answer["depth"] == 1
    finds = answer["finds"]
    assert isinstance(finds, list)
    assert finds
    texts = [str(text) for text in finds[0]]
    assert texts[1] == "'metric'"
    assert "kg" in texts[0]


def test_the_same_type_of_error_elsewhere_is_no_find(server: ReplayServer) -> None:
    answer = asked(server, "weigh('1kg', 'metric')", crash=["shop.py", "weigh", "return0"], seconds=0.5)
    assert answer["finds"] == []


def test_a_call_that_never_comes_near_the_stack_is_given_up_early(server: ReplayServer) -> None:
    template = template_of(candidate("len('abc')", ()))
    assert template is not None
    answer = asked(server, "weigh('a', 'b')", source=template.source, seeds=[list(template.seed)])
    runs = answer["runs"]
    assert isinstance(runs, int)
    assert runs < 200


def test_a_program_that_does_not_compile_finds_nothing(server: ReplayServer) -> None:
    assert asked(server, "weigh('a', 'b')", source="def scenario(values: return", seconds=0.2)["finds"] == []


def test_literals_are_taken_out_and_put_back() -> None:
    template = template_of(
        candidate("total = weigh('1kg', unit='metric')\nprint(total, [1, {'a': None}], f'{total}!')")
    )
    assert template is not None
    assert template.seed == ("'1kg'", "'metric'", "[1, {'a': None}]")
    assert "values[2]" in template.source
    done = filled(template.candidate, ["nan", "None", "[inf]"]).source()
    assert "weigh(float('nan'), unit=None)" in done
    assert "[float('inf')]" in done


def test_a_captured_object_is_put_in_as_its_expression(server: ReplayServer) -> None:
    answer = asked(
        server,
        "weigh('a', 'b')",
        source="from decimal import Decimal\ndef scenario(values):\n    import shop\n    shop.price(values[0])",
        seeds=[["'x'"]],
        said=["Decimal('1.5')"],
        steps=[["shop.py", "price"]],
    )
    finds = answer["finds"]
    assert isinstance(finds, list)
    assert ["Decimal('1.5')"] in finds


def test_the_imports_that_an_expression_needs_come_with_it() -> None:
    done = filled(candidate("weigh('1kg')"), ["Decimal('1.5')"], ["from decimal import Decimal", "import uuid"])
    assert done.imports == ("from decimal import Decimal", "from shop import weigh")
    assert "weigh(Decimal('1.5'))" in done.source()


def test_objects_of_the_types_that_the_message_names_are_tried(tmp_path: Path) -> None:
    raised = b'{"type": "TypeError", "value": "unsupported operand: \'float\' and \'decimal.Decimal\'"}'
    event = parse_event(b'{"event_id": "a", "exception": {"values": [' + raised + b"]}}", Kind.SDK)
    scene = Scene(event, (), ("shop",), tmp_path, (".",))
    builder = Builder(scene, Names(Nobody(), ("shop",), ()), Mined(tmp_path), Choices())
    assert captured_objects(lambda: builder) == [("Decimal('1.5')", ["from decimal import Decimal"])]


class Nobody:
    """An interpreter that knows nothing."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, object]:
        return {}


def test_literals_of_decorators_are_taken_out() -> None:
    template = template_of(candidate("@option('--x', default=3)\ndef run(x):\n    return 'kept'\nrun()"))
    assert template is not None
    assert template.seed == ("'--x'", "3")


def test_a_call_without_literals_is_no_template() -> None:
    assert template_of(candidate("weigh(a, b)")) is None


class Endless:
    """A server on which what was asked goes on for ever."""

    def __init__(self) -> None:
        self.cancelled = 0

    def cancel(self) -> None:
        self.cancelled += 1


def test_values_that_go_on_for_ever_end_with_the_time() -> None:
    server = Endless()
    fuzzing = Fuzzing.__new__(Fuzzing)
    fuzzing.search = Search(
        ExpectedFailure("ValueError", "x", (FailurePoint("shop.py", "weigh", "", 1),)),
        judge,
        cast(ReplayServer, server),
        None,
        6.0,
    )
    fuzzing.submit = lambda server, template, seconds: Future()  # type: ignore[method-assign]
    template = template_of(candidate("weigh('a')"))
    assert template is not None
    started = time.monotonic()
    assert fuzzing.round([template], 0.05, time.monotonic() + 0.05)
    assert time.monotonic() - started < 4.0
    assert server.cancelled == 1
