"""A field of a JSON object is decoded while it arrives, however it is cut."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.drafting.claude_stream import FieldStream

TEXT = st.text(max_size=60)


@given(TEXT, TEXT, st.lists(st.integers(1, 9), min_size=1), st.booleans(), st.booleans())
def test_any_cut_gives_the_same_text(source: str, other: str, cuts: list[int], ascii_only: bool, first: bool) -> None:
    fields = {"source": source, "x": other, "y": {"source": other, "z": [other]}}
    if not first:
        fields = dict(reversed(fields.items()))
    whole = json.dumps(fields, ensure_ascii=ascii_only, indent=2)
    stream = FieldStream("source")
    got, at, turn = "", 0, 0
    while at < len(whole):
        size = cuts[turn % len(cuts)]
        got += stream.feed(whole[at : at + size])
        at += size
        turn += 1
    assert got == source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@given(st.text(max_size=100))
def test_no_text_breaks_it(text: str) -> None:
    FieldStream("source").feed(text)


@pytest.mark.parametrize(
    "text", ['{"other": "source", "n": 1}', '["source", "x"]', '{"a": {"source": "x"}}', '"source"']
)
def test_other_places_are_not_the_field(text: str) -> None:
    assert FieldStream("source").feed(text) == ""
