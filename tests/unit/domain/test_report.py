"""What a customer wrote, read in parts."""

import string

from hypothesis import given
from hypothesis import strategies as some

from triage.domain.report import MOST, ReportText, read_report

LINES = some.sampled_from(
    ["## Impact", "Steps:", "**Environment**", "- type: crash", "1. do", "", "```", "# Other", "x" * 300]
)


@given(some.one_of(some.text(max_size=2_000), some.lists(LINES, max_size=30).map("\n".join)))
def test_any_text_is_read_and_nothing_grows(text: str) -> None:
    said = read_report(text)
    parts = (said.text, said.type, said.impact, said.steps, said.environment)
    assert sum(map(len, parts)) <= len(text) + 5
    assert all(len(part) <= MOST for part in parts)
    assert not any(char in part for part in parts for char in "\x1b\x00\u202e")


@given(some.text(string.ascii_letters + " ", min_size=1, max_size=60).map(str.strip).filter(bool))
def test_what_stands_under_a_heading_goes_there(words: str) -> None:
    said = read_report(f"intro\n\n### Steps to reproduce:\n{words}\n\n## More\nrest")
    assert said.steps == words
    assert said.text.split() == ["intro", "##", "More", "rest"]


def test_a_text_without_headings_stays_whole() -> None:
    text = "It says: something went wrong.\nTime: 10:30"
    assert read_report(text) == ReportText(text)
    assert read_report("Impact: all of them\nit broke") == ReportText("it broke", impact="all of them")
