"""What the fixed code's call comes to, or leaves behind, becomes the test's assertion."""

import ast
import sys
from collections.abc import Iterator
from concurrent.futures import Future
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
from triage.drafting.replay.written.claims import claim
from triage.drafting.replay.written.observed import is_harmless, is_passing, observed, with_names

EXPECTED = ExpectedFailure("KeyError", "'x'", (FailurePoint("shop.py", "show", "return x['x']", 1),))
SHOP = """
import datetime, decimal, dataclasses, enum, io, time

class Size(enum.Enum):
    SMALL = 1

@dataclasses.dataclass
class Line:
    name: str
    price: decimal.Decimal
    size: Size = Size.SMALL

class Basket:
    def __init__(self, owner=""):
        self.owner, self.lines, self._seen = owner, [], 0
    def add(self, name):
        self.lines.append(name)

class Parsed:
    def __init__(self, text):
        self.text, self.words = text, text.split()

class Version:
    def __init__(self, text):
        self.parts = text.split(".")
    def __str__(self):
        return ".".join(self.parts)

class Text(dict):
    pass

def line(): return Line("mug", decimal.Decimal("2.50"))
def lines(): return (Line(name, decimal.Decimal(1)) for name in "ab")
def when(): return datetime.datetime(2020, 5, 1, tzinfo=datetime.timezone.utc)
def report(out): out.write("2 lines\\n")
def export(path): path.write_text("a;b\\n")
def run(path): path.write_text("done\\n"); return 3
def shout(): print("ready")
def handle(): return Text(total=1)
def opaque(): return object()
class Counted:
    def __init__(self): self.line, self.parent = 7, None
def inner(): pass
def timed():
    started = time.perf_counter()
    inner()
    return Line("mug", decimal.Decimal(round((time.perf_counter() - started) * 1000)))
"""


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "shop.py").write_text(SHOP)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.syspath_prepend(str(Path(triage.inside.__path__[0])))
    yield
    sys.modules.pop("shop", None)


class Service:
    """A fixed commit whose candidates run in this very process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def submit(self, source: str, name: str, timeout: float, observe: bool = False) -> "Future[dict[str, Any]]":
        done: Future[dict[str, Any]] = Future()
        (self.folder / "x.csv").unlink(missing_ok=True)
        names: dict[str, Any] = {}
        exec(source, names)
        argument = {"tmp_path": self.folder} if "tmp_path" in names[name].__code__.co_varnames[:1] else {}
        text = repr(names[name](**argument))
        done.set_result({"outcome": "returned", "value": {"repr": text, "literal": True, "type": "list"}})
        return done


def written(folder: Path, code: str, fixed: Fixed, imports: tuple[str, ...] = (), unittest: bool = False) -> str:
    """The test's statements for a candidate whose fixed code does that."""
    fixtures = ("tmp_path",) if "tmp_path" in code else ()
    candidate = Candidate(imports, tuple(ast.parse(code).body), "shop.show", "function", fixtures=fixtures)
    outcome = Outcome("raised", RunReport("call", "failed"), {}, {})
    tried = Tried(candidate, Verdict.REPRODUCED, outcome, fixed)

    def judge(expected: ExpectedFailure, seen: Outcome) -> Judgement:
        raise AssertionError

    service = cast(ReplayServer, Service(folder))
    search = Search(EXPECTED, judge, service, service, 1.0)
    tried = observed(search, tried)
    claimed = claim(tried.candidate, list(tried.candidate.body), tried, EXPECTED, unittest)
    lines = [*claimed.imports, *(ast.unparse(ast.fix_missing_locations(item)) for item in claimed.body)]
    return "\n".join(lines)


def opaque(kind: str = "Line") -> Fixed:
    return Fixed(True, value="<object>", kind=kind)


NOTHING = Fixed(True, value="None", literal=True, kind="NoneType")


def test_a_record_is_compared_with_one_like_it(tmp_path: Path) -> None:
    text = written(tmp_path, "line()", opaque(), ("from shop import line",))
    assert text.endswith("assert line() == Line(name='mug', price=Decimal('2.50'))")
    assert "from shop import Line" in text
    assert "from decimal import Decimal" in text


def test_a_moment_and_what_an_iterator_gives_are_said(tmp_path: Path) -> None:
    assert "datetime(2020, 5, 1, 0, 0, tzinfo=timezone.utc)" in written(
        tmp_path, "when()", opaque("datetime"), ("from shop import when",)
    )
    text = written(tmp_path, "lines()", opaque("generator"), ("from shop import lines",))
    assert "result = list(lines())" in text
    assert "result == [Line(name='a', price=Decimal('1')), Line(name='b', price=Decimal('1'))]" in text


def test_a_subclass_of_a_container_is_compared_with_the_plain_one(tmp_path: Path) -> None:
    assert written(tmp_path, "handle()", opaque("Text"), ("from shop import handle",)).endswith(
        "assert handle() == {'total': 1}"
    )


def test_an_object_is_told_by_how_it_prints_or_by_attributes_that_are_no_echo(tmp_path: Path) -> None:
    assert written(tmp_path, "Version('1.2')", opaque("Version"), ("from shop import Version",)).endswith(
        "assert str(Version('1.2')) == '1.2'"
    )
    text = written(tmp_path, "Parsed('a b')", opaque("Parsed"), ("from shop import Parsed",))
    assert "result.words == ['a', 'b']" in text
    assert "result.text" not in text


def test_what_a_call_without_a_result_wrote_is_compared(tmp_path: Path) -> None:
    text = written(tmp_path, "report(io.StringIO())", NOTHING, ("import io", "from shop import report"))
    assert text.endswith("out = io.StringIO()\nreport(out)\nassert out.getvalue() == '2 lines\\n'")
    code = "path = tmp_path / 'x.csv'\nexport(path)"
    assert written(tmp_path, code, NOTHING, ("from shop import export",)).endswith(
        "export(path)\nassert path.read_text() == 'a;b\\n'"
    )


def test_an_exit_code_comes_with_what_the_command_wrote(tmp_path: Path) -> None:
    code = "path = tmp_path / 'x.csv'\nrun(path)"
    fixed = Fixed(True, value="3", literal=True, kind="int")
    assert written(tmp_path, code, fixed, ("from shop import run",)).endswith(
        "assert run(path) == 3\nassert path.read_text() == 'done\\n'"
    )


def test_an_object_that_a_call_changed_is_looked_at(tmp_path: Path) -> None:
    text = written(tmp_path, "Basket('ann').add('mug')", NOTHING, ("from shop import Basket",))
    assert text.endswith("basket = Basket('ann')\nbasket.add('mug')\nassert basket.lines == ['mug']")
    text = written(tmp_path, "basket = Basket('ann')\nbasket.add('mug')", NOTHING, ("from shop import Basket",), True)
    assert text.endswith("self.assertEqual(basket.lines, ['mug'])")


def test_a_statement_is_looked_at_as_a_call_is(tmp_path: Path) -> None:
    text = written(tmp_path, "basket = Basket()\nbasket.lines[:0] = ['mug']", NOTHING, ("from shop import Basket",))
    assert text.endswith("basket.lines[:0] = ['mug']\nassert basket.lines == ['mug']")


def test_a_single_number_of_an_object_says_little(tmp_path: Path) -> None:
    assert "assert" not in written(tmp_path, "Counted()", opaque("Counted"), ("from shop import Counted",))


def test_how_long_it_took_is_not_pinned(tmp_path: Path) -> None:
    assert "assert" not in written(tmp_path, "timed()", opaque(), ("from shop import timed",))
    assert sys.getprofile() is None


def test_that_a_text_is_a_text_is_no_assertion(tmp_path: Path) -> None:
    long = Fixed(True, value=repr("x" * 400), literal=True, kind="str")
    text = written(tmp_path, "f'{line()}'", long, ("from shop import line",))
    assert text.endswith("assert f'{line()}'")
    assert "isinstance" in written(tmp_path, "shout()", long, ("from shop import shout",))


def test_where_the_test_swallows_an_error_nothing_is_told(tmp_path: Path) -> None:
    code = "with contextlib.suppress(ValueError):\n    int('x')"
    assert written(tmp_path, code, NOTHING, ("import contextlib",)).endswith("int('x')")


def test_what_says_nothing_is_left_alone(tmp_path: Path) -> None:
    assert written(tmp_path, "opaque()", opaque("object"), ("from shop import opaque",)).endswith("\nopaque()")
    assert with_names(Candidate((), tuple(ast.parse("f(lambda: Basket())").body), "f", ""))[1] == []


def test_a_value_of_this_day_or_place_is_not_pinned() -> None:
    today = date(2026, 11, 21)
    assert is_passing("'made 2026-11-21'", "f()", today)
    assert is_passing("datetime(2026, 11, 22, 0, 1)", "f()", today)
    assert not is_passing("'made 2026-11-21'", "f('2026-11-21')", today)
    assert not is_passing("'due 2024-02-28'", "f()", today)
    assert is_passing("'<shop.A object at 0x7f0011223344>'", "f()", today)
    assert is_passing("'/tmp/x'", "f()", today)
    assert is_passing("'took 12:30:11'", "f()", today)


@pytest.mark.parametrize(
    ("expression", "value", "imports", "harmless"),
    [
        (
            "result",
            "Line(price=Decimal('2'), size=Size.SMALL)",
            ("from shop import Line", "from decimal import Decimal"),
            True,
        ),
        ("(tmp_path / 'a').read_text()", "'x'", (), True),
        ("response.json()['detail'][0]['msg']", "'x'", (), True),
        ("list(result)", "[-1, {'a': (2, None)}]", (), True),
        ("result", "__import__('os').system('x')", (), False),
        ("result", "Line()", (), False),
        ("result", "Line()", ("from shop import Line; run()",), False),
        ("result.unlink()", "None", (), False),
        ("result", "[run for run in (1,)]", (), False),
        ("result", "not python (", (), False),
    ],
)
def test_what_the_code_tells_of_itself_is_written_down_only_if_it_looks(
    expression: str, value: str, imports: tuple[str, ...], harmless: bool
) -> None:
    assert is_harmless(expression, value, imports) is harmless
