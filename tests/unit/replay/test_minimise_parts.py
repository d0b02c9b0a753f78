"""The pieces that minimising takes away."""

import ast
import json

from hypothesis import given
from hypothesis import strategies as st

from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.smaller.minimise import (
    _inlined,
    _smaller_literals,
    _without_statements,
    shorter_texts,
)
from triage.drafting.replay.smaller.pieces import chunks_removed, smaller_json


@given(st.lists(st.integers(), min_size=1, max_size=40))
def test_each_step_takes_something_away_and_nothing_else(items: list[int]) -> None:
    for kept in chunks_removed(items):
        assert len(kept) < len(items)
        rest = iter(items)
        assert all(item in rest for item in kept)


@given(st.text(max_size=300))
def test_shorter_texts_are_shorter(text: str) -> None:
    assert all(len(shorter) < len(text) for shorter in shorter_texts(text))


def test_what_is_assigned_to_keeps_its_name() -> None:
    def inlined(source: str) -> list[str]:
        candidate = Candidate((), tuple(ast.parse(source).body), "f", "")
        return ["; ".join(ast.unparse(item) for item in found.body) for found in _inlined(candidate)]

    assert inlined("basket = Basket()\nbasket['a'] = 1") == []
    assert inlined("basket = Basket()\ndel basket['a']") == []
    assert inlined("basket = Basket()\nprint(basket['a'])") == ["print(Basket()['a'])"]


def test_an_import_stays_while_the_rest_says_its_name() -> None:
    source = "from shop import F\nfrom shop import G\nx = 1\nmake([F(name) for name in []])"
    found = _without_statements(Candidate((), tuple(ast.parse(source).body), "f", ""))
    assert ["; ".join(ast.unparse(item) for item in smaller.body[:-1]) for smaller in found] == [
        "from shop import F; from shop import G",
        "from shop import F; x = 1",
    ]


def test_what_is_added_is_committed() -> None:
    def left(source: str) -> list[str]:
        candidate = Candidate((), tuple(ast.parse(source).body), "f", "")
        return ["; ".join(ast.unparse(item) for item in found.body) for found in _without_statements(candidate)]

    assert left("db.add(x)\ndb.commit()\nf(db)") == ["db.commit(); f(db)"]
    assert left("with app:\n    db.add(x)\n    db.commit()\n    f(db)")[1:] == ["with app:\n    db.commit()\n    f(db)"]
    assert left("db.commit()\nf(db)") == ["f(db)"]
    assert left("db.add(x)\nother.commit()\nf(db)") == ["db.add(x); f(db)", "other.commit(); f(db)"]


def test_literals_in_a_function_of_the_test_stay_as_they_are() -> None:
    def left(source: str) -> int:
        return len(list(_smaller_literals(Candidate((), tuple(ast.parse(source).body), "f", ""))))

    assert left("f({'a': 1, 'b': 2})") > 0
    assert left("def app():\n    send({'a': 1, 'b': 2})\nf(app)") == 0


def test_a_literal_is_put_in_place_in_a_later_statement_and_what_may_change_is_not() -> None:
    def inlined(code: str) -> list[str]:
        candidate = Candidate((), tuple(ast.parse(code).body), "shop.f", "f")
        return [
            "; ".join(ast.unparse(ast.fix_missing_locations(item)) for item in found.body)
            for found in _inlined(candidate)
        ]

    assert inlined("column = 'a'\ntable = make()\ntable.most(column)")[-1] == "table = make(); table.most('a')"
    assert (
        "table = make(); for group in ['a']:"
        in inlined("groups = ['a']\ntable = make()\nfor group in groups:\n    x(group)")[-1]
    )
    assert (
        inlined("model = get_model()\nann = model.create('ann')\nlogin(ann)")[-1]
        == "ann = get_model().create('ann'); login(ann)"
    )
    assert inlined("rows = f()\ntable = make()\nuse(table)\ntable.most(rows)") == []
    assert inlined("rows = []\ntable = make()\nuse(table)\n[table.most(rows) for _ in '12']") == []


def test_a_document_is_cut_by_its_items() -> None:
    text = '{"cars": [{"plate": "A", "km": 1}, {"plate": "B"}], "n": 2}\n'
    smaller = list(smaller_json(text))
    assert smaller[0] == '{"n": 2}\n'
    assert '{"cars": [{"plate": "B"}], "n": 2}\n' in smaller
    assert '{"cars": [{"plate": "A"}, {"plate": "B"}], "n": 2}\n' in smaller
    assert all(json.loads(item) != json.loads(text) for item in smaller)
    assert list(smaller_json("[not json]")) == []
    assert list(smaller_json("plain")) == []
