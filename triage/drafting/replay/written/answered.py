"""What the fixed service answers to the test's request, to be asserted beside its status."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import replace

from triage.drafting.replay.candidate import TEST
from triage.drafting.replay.searching.search import Search, Tried
from triage.drafting.replay.searching.server import outcome_of
from triage.drafting.replay.smaller.minimise import ANSWERS
from triage.drafting.replay.written.observed import innermost, is_harmless, is_passing

# What a part of an answer is called that says what came of the request.
_TELLING = ("'msg'", "'message'", "'error'", "'detail'", "'errors'", "'code'", "'status'")


def read_body(search: Search, best: Tried) -> Tried:
    """`best` with what the fixed code answers, where that is short and the same both times: its JSON, the most telling
    part of a long one, its text, or where it leads; of a command what it printed."""
    body = [copy.deepcopy(item) for item in best.candidate.body]
    path = innermost(body)
    last = path[-1] if path else None
    known = best.fixed is not None and best.fixed.works and not best.fixed.error and best.fixed.value.isdigit()
    if search.fixed is None or not known or not isinstance(last, ast.Expr):
        return best
    if not isinstance(last.value, ast.Attribute) or last.value.attr not in ANSWERS:
        return best
    asking = ast.parse("replay_observe.answer(None)", mode="eval").body
    assert isinstance(asking, ast.Call)
    asking.args[0] = last.value.value
    last.value = asking
    watched = replace(best.candidate, body=tuple(body), imports=(*best.candidate.imports, "import replay_observe"))
    rows = list(_rows(search, watched.source()))
    (path or body)[-1:] = [ast.parse("replay_observe.slow()").body[0], last]
    again = list(_rows(search, replace(watched, body=tuple(body)).source())) if rows else []
    source = best.candidate.source()
    steady = [row for row in rows if row in again and row[1] not in _NOTHING and not is_passing(row[1], source)]
    if steady:
        best.body = _most_telling(steady)
    return best


_NOTHING = ("None", "''", "True", "False")


def _rows(search: Search, source: str) -> Iterator[tuple[str, str]]:
    assert search.fixed is not None
    asked = search.fixed.submit(source, TEST, search.timeout, observe=True)
    told = outcome_of(asked.result(search.timeout + 10))
    if told.outcome == "returned" and told.value.get("literal"):
        found = ast.literal_eval(str(told.value.get("repr", "[]")))
        for name, value in found if isinstance(found, list) else ():
            if is_harmless(str(name), str(value)):
                yield str(name), str(value)


def _most_telling(rows: list[tuple[str, str]]) -> tuple[str, ast.expr]:
    def rank(row: tuple[str, str]) -> tuple[bool, int, int]:
        inner = row[0].count("[") - row[0].count("headers[")
        places = [at for at, name in enumerate(_TELLING) if row[0].endswith(f"[{name}]")]
        return inner > 0, min(places, default=len(_TELLING)), inner

    name, value = min(rows, key=rank)
    return name, ast.parse(value, mode="eval").body
