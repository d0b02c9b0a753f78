"""The pieces that minimising takes away."""

from hypothesis import given
from hypothesis import strategies as st

from triage.drafting.replay.minimise import chunks_removed, shorter_texts


@given(st.lists(st.integers(), min_size=1, max_size=40))
def test_each_step_takes_something_away_and_nothing_else(items: list[int]) -> None:
    for kept in chunks_removed(items):
        assert len(kept) < len(items)
        rest = iter(items)
        assert all(item in rest for item in kept)


@given(st.text(max_size=300))
def test_shorter_texts_are_shorter(text: str) -> None:
    assert all(len(shorter) < len(text) for shorter in shorter_texts(text))
