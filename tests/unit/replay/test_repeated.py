"""Twins of candidates with shorter repetitions, for errors of too deep recursion."""

import ast

from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.searching.repeated import lengthened, period, shortened, shorter_first


def candidate(source: str) -> Candidate:
    return Candidate(("import sqlparse",), tuple(ast.parse(source).body), "sqlparse.parse", "called")


def texts(source: str) -> list[str]:
    return [item.function().split("return ")[1].strip() for item in shorter_first([candidate(source)])]


def test_products_are_cut_shortest_first() -> None:
    assert texts("parse('[' * 1200 + ']' * 1200)") == [
        "parse('[' * 340 + ']' * 340)",
        "parse('[' * 1060 + ']' * 1060)",
        "parse('[' * 1200 + ']' * 1200)",
    ]


def test_runs_inside_of_text_are_cut_alike() -> None:
    twin = shortened(candidate(f"parse({'<b>' * 400 + 'x' + '</b>' * 400!r})"), 100)
    assert twin is not None
    call = twin.body[0]
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    assert ast.literal_eval(call.value.args[0]) == "<b>" * 100 + "x" + "</b>" * 100


def test_what_does_not_repeat_has_no_twin() -> None:
    assert texts("parse('select 1', width=80, times=3 * 5)") == ["parse('select 1', width=80, times=3 * 5)"]


def test_a_list_of_which_the_event_kept_ten_items_goes_on_as_it_began() -> None:
    longer = lengthened(candidate("walk(steps=['in', 'out', 'in', 'out', 'in', 'out', 'in', 'out', 'in', 'out'])"))
    assert longer is not None
    assert ast.unparse(longer.body[0]) == "walk(steps=['in', 'out'] * 600)"
    assert longer.notes
    assert texts("walk([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])")[-1] == "walk([0, 1, 2, 3, 4, 5, 6, 7, 8, 9] * 120)"


def test_a_whole_list_stays_as_long_as_it_was() -> None:
    assert lengthened(candidate("walk(['in', 'out', 'in'])")) is None


def test_the_period_is_the_shortest_that_explains_all_items() -> None:
    assert period(["a"] * 10) == 1
    assert period(["a", "b", "c", "a", "b", "c", "a", "b"]) == 3
    assert period(["a", "b", "c", "d"]) == 4
