"""Long texts as they are written into a test: whatever the layout, the same value."""

import ast

from hypothesis import given
from hypothesis import strategies as st

from triage.drafting.replay.building.literals import repeated, unparse, written


@given(st.text(max_size=600) | st.binary(max_size=600))
def test_what_is_written_is_the_same_value(value: str | bytes) -> None:
    assert eval(written(value)) == value


@given(st.text(min_size=1, max_size=3), st.integers(6, 400), st.text(max_size=10))
def test_repeated_units_are_the_same_value(unit: str, count: int, tail: str) -> None:
    text = repeated(unit * count + tail)
    assert text == "" or eval(text) == unit * count + tail


def test_a_repetition_is_written_as_a_product() -> None:
    assert repeated("[" * 1200 + "]" * 1200) == "('[' * 1200 + ']' * 1200)"


def test_the_only_argument_of_a_call_needs_no_parentheses_of_its_own() -> None:
    text = "first line of it\\n" * 2 + "the second line of it\\nand more"

    def laid_out(source: str) -> str:
        done = unparse(ast.parse(source))
        assert ast.dump(ast.parse(done)) == ast.dump(ast.parse(source))
        return done

    assert "((" not in laid_out(f"io.StringIO('{text}')")
    assert "((" in laid_out(f"write('{text}', 1)")
    assert "((" not in laid_out(f"f('{text}').g('{text}')")
