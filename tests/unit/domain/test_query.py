"""The words of the filter line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain.event import Level
from triage.domain.filter_words import KEYS, completions, offers
from triage.domain.issue import GROUPS, LEVELS, NONE, SORTS, IssueQuery, Status
from triage.domain.query import parse, show

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
        ("KeyError:sku", IssueQuery(status=None, text="KeyError:sku")),
        ('"lvl:error"', IssueQuery(status=None, text="lvl:error")),
        ("level:error,fatal", IssueQuery(status=None, among=(("level", ("error", "fatal")),))),
        ("level:[error,warn] level:info", IssueQuery(status=None, level="info")),
        ("!level:debug", IssueQuery(status=None, excluded=(("level", ("debug",)),))),
        ("!is:resolved", IssueQuery(status=None, excluded=(("status", ("resolved",)),))),
        ("is:resolved,snoozed", IssueQuery(status=None, among=(("status", ("resolved", "snoozed")),))),
        ("is:new", IssueQuery(status=None, seen=False)),
        ("!is:new", IssueQuery(status=None, seen=True)),
        ("assigned:none", IssueQuery(status=None, assignee=NONE)),
        ("is:unassigned", IssueQuery(status=None, assignee=NONE)),
        ("is:assigned", IssueQuery(status=None, excluded=(("assignee", (NONE,)),))),
        ("!assigned:me", IssueQuery(status=None, excluded=(("assignee", ("ana@example.org",)),))),
        ("assigned:me,none", IssueQuery(status=None, among=(("assignee", ("ana@example.org", NONE)),))),
        ("owner:bo", IssueQuery(status=None, assignee="bo")),
        ("firstRelease:1.4", IssueQuery(status=None, first_release="1.4")),
        ("has:pr !has:owner", IssueQuery(status=None, published=True, assignee=NONE)),
        ("sort:owner group:release", IssueQuery(status=None, sort="owner", group="release")),
        ("group:level group:none", ANY),
    ],
)
def test_words_become_filters(line: str, wanted: IssueQuery) -> None:
    parsed = parse(line, ANY, "ana@example.org")
    assert parsed.query == wanted
    assert parsed.troubles == ()


@pytest.mark.parametrize("line", ["is:broken", "level:loud", "has:cake", "sort:colour", "group:x"])
def test_what_is_not_understood_is_named_and_passed_over(line: str) -> None:
    parsed = parse(line, ANY)
    assert parsed.query == ANY
    assert len(parsed.troubles) == 1
    assert line.removeprefix("!").partition(":")[0] in parsed.troubles[0]


def test_a_mistake_is_told_where_it_is_with_what_was_probably_meant() -> None:
    line = "KeyError lvl:error is:regresed"
    first, second = parse(line, ANY).mistakes
    assert line[first.start : first.end] == "lvl:error"
    assert "did you mean level:?" in first.text
    assert line[second.start : second.end] == "is:regresed"
    assert "did you mean regressed?" in second.text
    assert parse("http://x y::z a:", ANY).mistakes == ()


KNOWN = {
    "release": ("shop@1.3.9", "shop@1.4.0", "shop@1.4.2", "worker@1.4.2"),
    "service": ("check out", "payments"),
    "owner": ("ana@example.org", "bo"),
}


def test_the_beginning_of_a_name_is_enough_where_names_are_known() -> None:
    assert parse("release:1.4", ANY, None, KNOWN).query.among == (("release", KNOWN["release"][1:]),)
    assert parse("release:1.4.0", ANY, None, KNOWN).query.release == "shop@1.4.0"
    assert parse("release:worker", ANY, None, KNOWN).query.release == "worker@1.4.2"
    assert parse("service:pay assigned:ana", ANY, None, KNOWN).query == IssueQuery(
        status=None, service="payments", assignee="ana@example.org"
    )
    parsed = parse("service:paymets", ANY, None, KNOWN)
    assert parsed.query == IssueQuery(status=None, service="paymets")
    assert "did you mean payments?" in parsed.troubles[0]
    assert not parsed.mistakes[0].passed_over


def test_the_levels_are_those_of_events() -> None:
    assert KEYS["level"] == LEVELS == tuple(level.value for level in Level)


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
    assignee=st.none() | words.filter(lambda word: word not in ("me", "none")) | st.just(NONE),
    regressed=st.none() | st.booleans(),
    covered=st.none() | st.booleans(),
    has_draft=st.none() | st.booleans(),
    sort=st.sampled_from((*SORTS, *GROUPS)),
    group=st.sampled_from(("", *GROUPS)),
    first_release=st.none() | words | st.just(NONE),
    seen=st.none() | st.booleans(),
    published=st.none() | st.booleans(),
    excluded=st.sampled_from([(), (("level", ("error",)), ("service", ("a", NONE)))]),
)


@given(queries)
def test_a_query_can_be_written_and_read_again(query: IssueQuery) -> None:
    assert parse(show(query), ANY).query == query


def test_completion_offers_keys_then_values() -> None:
    assert completions("le") == ["level:"]
    assert completions("foo level:e") == ["foo level:error"]
    assert completions("!is:reg") == ["!is:regressed"]
    assert completions("") == []
    assert completions("release:1.4", KNOWN) == ["release:worker@1.4.2", "release:shop@1.4.2", "release:shop@1.4.0"]
    assert completions("assigned:m", KNOWN) == ["assigned:me"]
    assert completions("x service:", KNOWN)[0] == 'x service:"check out"'
    assert completions("level:error,w") == ["level:error,warning"]
    assert completions('"level:') == []


def test_what_is_offered_says_what_it_means() -> None:
    assert all(offer.meaning for offer in offers("is:"))
    assert all(offer.meaning for letter in "ilrfsahg" for offer in offers(letter))


@given(st.text(), st.text())
def test_a_completion_begins_as_the_line_does_and_is_understood(before: str, begun: str) -> None:
    for line in completions(f"{before} {begun}", KNOWN):
        assert line.startswith(f"{before} ")
