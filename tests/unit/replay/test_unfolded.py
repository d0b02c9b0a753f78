"""What a helper of the caller did stands in the test itself, where that means the same."""

import ast

import pytest

from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.smaller.unfolded import unfolded

SUMMARY = "def summary(rows, column='a'):\n    table = Table(rows)\n    return {'max': table.most(column)}\n"


def first(code: str, is_async: bool = False) -> str:
    """The first candidate's statements, "" for none."""
    imports = ("from shop import Table",)
    candidate = Candidate(imports, tuple(ast.parse(code).body), "shop.f", "caller", is_async=is_async)
    found = next(iter(unfolded(candidate)), None)
    return "\n".join(ast.unparse(ast.fix_missing_locations(item)) for item in found.body) if found else ""


@pytest.mark.parametrize(
    ("code", "plain"),
    [
        (
            SUMMARY + "summary([1], 'b')",
            "rows = [1]\ncolumn = 'b'\ntable = Table(rows)\n{'max': table.most(column)}",
        ),
        (
            SUMMARY + "list(summary([1]))",
            "rows = [1]\ncolumn = 'a'\ntable = Table(rows)\nlist({'max': table.most(column)})",
        ),
        (
            SUMMARY + "rows = []\nsummary(rows)",
            "rows = []\ncolumn = 'a'\ntable = Table(rows)\n{'max': table.most(column)}",
        ),
        ("def send(text):\n    Table(text).send()\nsend('x')", "text = 'x'\nTable(text).send()"),
        (
            "def send(text):\n    Table(text).send()\nwith app():\n    send('x')",
            "with app():\n    text = 'x'\n    Table(text).send()",
        ),
        ("async def poll(url):\n    return await get(url)\nawait poll('u')", "url = 'u'\nawait get(url)"),
    ],
)
def test_the_function_is_gone(code: str, plain: str) -> None:
    assert first(code, is_async="await" in code) == plain


@pytest.mark.parametrize(
    "code",
    [
        SUMMARY + "summary([1]) or summary([2])",
        SUMMARY + "[summary([n]) for n in (1, 2)]",
        SUMMARY + "print(start(), summary([1]))",
        SUMMARY + "table = 1\nuse(table, summary([1]))",
        "def first(rows):\n    for row in rows:\n        return Table(row)\nfirst([1])",
        "def each(rows):\n    yield Table(rows)\neach([1])",
        "@cached\ndef f(x):\n    return Table(x)\nf(1)",
        "def f(*x):\n    return Table(x)\nf(1)",
        "def f(x):\n    return lambda: Table(x)\nf(1)",
        SUMMARY + "run(summary)",
    ],
)
def test_what_would_mean_something_else_stays(code: str) -> None:
    assert first(code) == ""
