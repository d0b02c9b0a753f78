"""What the docstring tells of the search: only what is left in the test."""

import pytest

from triage.drafting.replay.writing import still_true


@pytest.mark.parametrize(
    ("note", "code", "told"),
    [
        ("[] stands in for drop.rows(): nobody captured it", "progress([])", True),
        ("'' stands in for drop.name + ': '", "progress([])", False),
        ('"" stands in for drop.name', "progress('')", True),
        ("rate was not captured; 1.5 stands in for it", "total(rate=1.5)", True),
        ("rate was not captured; 1.5 stands in for it", "total()", False),
        ("a mock stands in for it", "total()", True),
        ("the clock stands at noon", "total()", False),
        ("the clock stands at noon", "with freeze_time('2026-11-21'):\n    total()", True),
        ("Page is made from its printed form", "total()", True),
    ],
)
def test_notes(note: str, code: str, told: bool) -> None:
    assert still_true(note, code) is told
