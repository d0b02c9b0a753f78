"""What the written test tells: of the search only what is left in the test, and nothing between a head and its body."""

import ast
import itertools

import pytest

from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.written.style import Style
from triage.drafting.replay.written.writing import _assemble, still_true


@pytest.mark.parametrize(
    ("note", "code", "told"),
    [
        ("[] stands in for drop.rows(): nobody captured it", "progress([])", True),
        ("'' stands in for drop.name + ': '", "progress([])", False),
        ('"" stands in for drop.name', "progress('')", True),
        ("rate was not captured; 1.5 stands in for it", "total(rate=1.5)", True),
        ("rate was not captured; 1.5 stands in for it", "total()", False),
        ("a mock stands in for it", "total()", True),
        ("the clock stands at noon", "total()", False),
        ("the clock stands at noon", "with freeze_time('2026-11-21'):\n    total()", True),
        ("Page is made from its printed form", "total()", True),
    ],
)
def test_notes(note: str, code: str, told: bool) -> None:
    assert still_true(note, code) is told


def test_no_blank_line_after_the_head_of_a_function() -> None:
    body = ast.parse(
        "class App:\n\n    def run(self):\n\n        def inner():\n            pass\n\nassert App().run() is None"
    ).body
    candidate = Candidate((), tuple(body), "shop.run", "called", is_async=True)
    source = _assemble([], "test_run", "It runs.", body, candidate, Style(), "")
    lines = source.splitlines()
    assert not any(line.endswith(":") and not after for line, after in itertools.pairwise(lines))
    assert "async def scenario():" in source


def test_a_backslash_in_a_docstring_makes_it_a_raw_one() -> None:
    body = ast.parse("assert shop.run() is None").body
    doc = "UnicodeEncodeError in production: can't encode character '\\u0141'.\n\nSeen in 1.4."
    source = _assemble([], "test_run", doc, body, Candidate((), tuple(body), "shop.run", "called"), Style(), "")
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert ast.get_docstring(function) == doc
    assert 'r"""' in source
