"""Long texts as they are written into a test: whatever the layout, the same value."""

from hypothesis import given
from hypothesis import strategies as st

from triage.drafting.replay.literals import repeated, written


@given(st.text(max_size=600) | st.binary(max_size=600))
def test_what_is_written_is_the_same_value(value: str | bytes) -> None:
    assert eval(written(value)) == value


@given(st.text(min_size=1, max_size=3), st.integers(6, 400), st.text(max_size=10))
def test_repeated_units_are_the_same_value(unit: str, count: int, tail: str) -> None:
    text = repeated(unit * count + tail)
    assert text == "" or eval(text) == unit * count + tail


def test_a_repetition_is_written_as_a_product() -> None:
    assert repeated("[" * 1200 + "]" * 1200) == "('[' * 1200 + ']' * 1200)"
