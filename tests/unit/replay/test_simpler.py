"""Simpler ways to write a candidate."""

import ast
from collections.abc import Callable, Iterator

from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.smaller.simpler import (
    apart,
    folded,
    pieces,
    spliced,
    unaliased,
    unprinted,
    without_defaults,
    without_inner_statements,
)


def written(step: Callable[[Candidate], Iterator[Candidate]], source: str) -> list[str]:
    candidate = Candidate((), tuple(ast.parse(source).body), "f", "")
    return ["\n".join(ast.unparse(item) for item in found.body) for found in step(candidate)]


def test_literals_are_computed() -> None:
    assert written(folded, "f({'id': 4}.get('version'))") == ["f(None)"]
    assert written(folded, "f([['id']] + [])") == ["f([['id']])"]
    assert "f(b'x')" in written(folded, "f('x'.encode())")
    assert "f('x')" in written(folded, "f(b'x'.decode('utf-8'))")


def test_only_literals_are_and_only_small_ones() -> None:
    for source in (
        "f('[' * 1200)",
        "f(open('x').read())",
        "f('{:>9999999}'.format(1))",
        "f(2 ** 99999)",
        "f(g() + 1)",
        "f(b'x'.decode('mbcs'))",
    ):
        assert written(folded, source) == []


def test_arguments_are_left_out_one_at_a_time() -> None:
    assert written(without_defaults, "f(a, [], b=1)") == ["f(a, [])", "f(a, b=1)"]
    assert written(without_defaults, "monkeypatch.setattr(x, y, raising=False)") == []


def test_pairs_become_two_statements() -> None:
    assert written(apart, "a, b = (x(), y())\nf(a, b)") == ["a = x()\nb = y()\nf(a, b)"]
    assert written(apart, "a, b = (b, a)") == []


def test_what_stands_around_the_failing_part_goes() -> None:
    assert written(pieces, "('scan', [f(x)])") == ["[f(x)]"]
    assert written(pieces, "f'{name}: {value:.2u}'") == ["f'{name}'", "f'{value:.2u}'"]


def test_a_time_keeps_its_zone() -> None:
    assert written(without_defaults, "f(datetime(2026, 1, tzinfo=utc))") == ["f(datetime(2026, tzinfo=utc))"]


def test_what_is_only_shown_is_not_shown() -> None:
    assert written(unprinted, "print(f(1))\nprint(x)\nf(2)") == ["f(1)\nprint(x)\nf(2)"]


def test_an_import_has_its_own_name_once_nothing_else_has_it() -> None:
    imports = ("from shop.db import Session as Session_2", "from orm import Base")

    def left(body: str, *more: str) -> list[tuple[tuple[str, ...], str]]:
        candidate = Candidate((*imports, *more), tuple(ast.parse(body).body), "f", "")
        return [(found.imports, ast.unparse(found.body[0])) for found in unaliased(candidate)]

    assert left("f(Session_2(), Base)") == [
        (("from shop.db import Session", "from orm import Base"), "f(Session(), Base)")
    ]
    assert left("f(Session_2(), Session)", "from orm import Session") == []
    assert left("f(Session_2(), Session)") == []


def test_a_function_of_the_test_holds_no_more_than_is_done() -> None:
    app = "def app(path):\n    if path == 'x':\n        raise Broken\n    return 1\nrun(app)"
    found = written(without_inner_statements, app)
    assert "def app(path):\n    raise Broken\n    return 1\nrun(app)" in found
    assert "def app(path):\n    if path == 'x':\n        raise Broken\nrun(app)" in found
    assert "def app(path):\n    return 1\nrun(app)" in found
    assert written(without_inner_statements, "def app():\n    return 1\nrun(app)") == []


def test_a_class_of_the_test_has_no_more_methods_than_are_called() -> None:
    plan = "class Plan:\n\n    def one(self):\n        return 1\n\n    def two(self):\n        return 2\nrun(Plan())"
    found = written(without_inner_statements, plan)
    assert "class Plan:\n\n    def one(self):\n        return 1\nrun(Plan())" in found
    assert "class Plan:\n\n    def two(self):\n        return 2\nrun(Plan())" in found
    assert written(without_inner_statements, "class Plan:\n\n    def one(self):\n        return 1\nrun(Plan())") == []


def test_displays_in_displays_become_one() -> None:
    assert written(spliced, "f({'a': 1, **{'b': 2, **c}})") == ["f({'a': 1, 'b': 2, **c})"]
    assert written(spliced, "f({'a': {'b': 2}})") == []
