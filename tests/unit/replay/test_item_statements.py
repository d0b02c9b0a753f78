"""Special methods that statements run are written as those statements."""

import ast

from triage.drafting.replay.entries.direct import _item_statement


def written(name: str, call: str) -> str:
    done = _item_statement(name, ast.parse(call, mode="eval").body)
    return ast.unparse(ast.fix_missing_locations(done)) if done is not None else ""


def test_items_are_set_and_deleted_by_statements() -> None:
    assert written("__setitem__", "basket.__setitem__('a.b', 5)") == "basket['a.b'] = 5"
    assert written("__delitem__", "basket.__delitem__(slice(1, 2, None))") == "del basket[1:2]"


def test_other_calls_stay_calls() -> None:
    assert written("__setitem__", "basket.__setitem__(*pair)") == ""
    assert written("__setitem__", "Basket('a', 5)") == ""
