"""How values are changed: boundaries, words of the code, examples of its regular expressions."""

import random
import re
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "triage" / "inside"))

from triage.inside.replay_mutate import Mutator, constants_of, examples_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)


@given(VALUES, st.integers(0, 50))
def test_a_change_of_any_value_is_a_literal_again(value: object, seed: int) -> None:
    mutator = Mutator(random.Random(seed), ["said"], ["word"])
    names = {"nan": float("nan"), "inf": float("inf")}
    for changed in (mutator.change(value), *mutator.edges(value)[:30]):
        eval(repr(changed), {"__builtins__": {}}, names)


def test_numbers_inside_a_text_become_too_large() -> None:
    found = Mutator(random.Random(0), [], []).edges("&#157;")
    assert "&#" + "9" * 22 + ";" in found
    assert "&#;" in found


def test_an_example_matches_its_regular_expression() -> None:
    for pattern in (r"(\d{4})-(\d\d)(T\d+)?", r"<([a-z]+)[^>]*>", r"^\s*(?P<key>\w+)\s*=", r"a|bc|[^x]+"):
        for text in examples_of(re.compile(pattern)):
            assert re.match(pattern, text), (pattern, text)


def test_words_come_from_constants_and_from_what_the_function_sees() -> None:
    namespace: dict[str, object] = {"SHAPE": re.compile(r"\d+px"), "NAMES": ("left", "right")}
    exec("def f(x):\n    return x == 'auto' or SHAPE.match(x) or x in NAMES", namespace)
    words = constants_of(namespace["f"].__code__, namespace)  # type: ignore[attr-defined]
    assert {"auto", "1px", "left", "right"} <= set(words)
