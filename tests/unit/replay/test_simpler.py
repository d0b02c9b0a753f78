"""Simpler ways to write a candidate."""

import ast
from collections.abc import Callable, Iterator

from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.simpler import apart, folded, pieces, without_defaults


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
