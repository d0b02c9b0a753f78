"""The words of the filter line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain.event import Level
from triage.domain.issue import SORTS, IssueQuery, Status
from triage.domain.query import KEYS, completions, parse, show

ANY = IssueQuery(status=None)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("", ANY),
        ("is:unresolved", IssueQuery()),
        ("is:resolved", IssueQuery(status=Status.RESOLVED)),
        ("is:any", ANY),
        ("is:regressed", IssueQuery(status=None, regressed=True)),
        ("!is:regressed", IssueQuery(status=None, regressed=False)),
        ("is:uncovered", IssueQuery(status=None, covered=False)),
        ("!is:covered", IssueQuery(status=None, covered=False)),
        ("level:error", IssueQuery(status=None, level="error")),
        ("LEVEL:Warn", IssueQuery(status=None, level="warning")),
        ("release:1.4", IssueQuery(status=None, release="1.4")),
        ('release:"shop 1.4"', IssueQuery(status=None, release="shop 1.4")),
        ("assigned:me", IssueQuery(status=None, assignee="ana@example.org")),
        ("assigned:bo", IssueQuery(status=None, assignee="bo")),
        ("!has:draft", IssueQuery(status=None, has_draft=False)),
        ("sort:events", IssueQuery(status=None, sort="count")),
        ("KeyError  sku", IssueQuery(status=None, text="KeyError sku")),
        ('"two words" more', IssueQuery(status=None, text="two words more")),
        ("http://x.y:80/z", IssueQuery(status=None, text="http://x.y:80/z")),
        ("level:", ANY),
        ("unknown:word", IssueQuery(status=None, text="unknown:word")),
    ],
)
def test_words_become_filters(line: str, wanted: IssueQuery) -> None:
    parsed = parse(line, ANY, "ana@example.org")
    assert parsed.query == wanted
    assert parsed.troubles == ()


@pytest.mark.parametrize("line", ["is:broken", "level:loud", "has:cake", "sort:colour", "!level:error", "!is:resolved"])
def test_what_is_not_understood_is_named_and_passed_over(line: str) -> None:
    parsed = parse(line, ANY)
    assert parsed.query == ANY
    assert len(parsed.troubles) == 1
    assert line.removeprefix("!").partition(":")[0] in parsed.troubles[0]


def test_the_levels_are_those_of_events() -> None:
    assert KEYS["level"] == tuple(level.value for level in Level)


def test_me_without_a_name_is_explained() -> None:
    assert "git config" in parse("assigned:me", ANY).troubles[0]


def test_the_view_holds_where_the_line_says_nothing() -> None:
    view = IssueQuery(status=Status.SNOOZED, assignee="ana", sort="users")
    assert parse("level:fatal", view).query == IssueQuery(
        status=Status.SNOOZED, assignee="ana", sort="users", level="fatal"
    )


@given(st.text())
def test_any_line_is_read(line: str) -> None:
    parsed = parse(line, ANY, "me")
    assert isinstance(parsed.query, IssueQuery)
    completions(line)


words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)
queries = st.builds(
    IssueQuery,
    text=st.lists(words.filter(lambda word: word.lower() not in KEYS), max_size=3).map(" ".join),
    status=st.sampled_from([None, *Status]),
    level=st.sampled_from([None, *(level.value for level in Level)]),
    release=st.none() | words,
    service=st.none() | words,
    assignee=st.none() | words.filter(lambda word: word != "me"),
    regressed=st.none() | st.booleans(),
    covered=st.none() | st.booleans(),
    has_draft=st.none() | st.booleans(),
    sort=st.sampled_from(SORTS),
)


@given(queries)
def test_a_query_can_be_written_and_read_again(query: IssueQuery) -> None:
    assert parse(show(query), ANY).query == query


def test_completion_offers_keys_then_values() -> None:
    assert completions("le") == ["level:"]
    assert completions("foo level:e") == ["foo level:error"]
    assert completions("!is:reg") == ["!is:regressed"]
    assert completions("") == []
