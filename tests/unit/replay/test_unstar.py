"""Calls with stars become the calls that they are."""

import ast

import pytest

from triage.drafting.replay.smaller.unstar import unstarred


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(*([], 5))", "f([], 5)"),
        ("paths = [str(a)]\nrun(['-v', *paths])", "run(['-v', str(a)])"),
        ("paths = [str(a)]\nrun(['-v', *paths], paths)", "paths = [str(a)]\nrun(['-v', *paths], paths)"),
        ("given = (1, 'a')\nf(*given)", "f(1, 'a')"),
        ("given = (1,)\nnamed = {'a': 2}\nf(0, *given, b=3, **named)", "f(0, 1, b=3, a=2)"),
        ("given = (1,)\nf(given, *given)", "given = (1,)\nf(given, *given)"),
        ("given = make()\nf(*given)", "given = make()\nf(*given)"),
        ("f(a=1, **{'a': 2})", "f(a=1, **{'a': 2})"),
        ("f(**{'not a name': 2})", "f(**{'not a name': 2})"),
        ("x = (1, 2)\nassert f(*x, *(3,)) == 4", "assert f(1, 2, 3) == 4"),
    ],
)
def test_displays_behind_stars_are_spread(before: str, after: str) -> None:
    assert ast.unparse(ast.Module(unstarred(ast.parse(before).body), [])) == after
