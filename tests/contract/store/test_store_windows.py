"""Pages, counts and positions agree with a plain list that was filtered and sorted in Python."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triage.domain.draft import Strategy
from triage.domain.incoming import IncomingEvent
from triage.domain.issue import GROUPS, NONE, SORTS, Issue, IssueQuery, Status, field_of, in_order, within
from triage.errors import UsageError
from triage.store import Store, open_store, sqlite_windows
from triage.store.filters import is_rising, sort_key
from triage.store.windows import Windows

Arrival = Callable[..., IncomingEvent]
Opener = Callable[[], Store]


class Clock(Protocol):
    """The clock of conftest.py, which a test sets."""

    now: datetime

    def __call__(self) -> datetime: ...

    def forward(self, **amount: float) -> None: ...


WORDS = ("cart", "checkout", "KeyError", "TimeoutError", "naïve", "user_id", "4711", "db/pool.py")


def fill(store: Store, arrival: Arrival, now: datetime, number: int = 60) -> dict[int, tuple[set[str], set[str]]]:
    """Issues of every kind; for each its words and its releases."""
    choose = random.Random(3)
    known: dict[int, tuple[set[str], set[str]]] = {}
    for index in range(number):
        texts = choose.sample(WORDS, 2)
        releases = {f"1.{choose.randrange(3)}" for _ in range(choose.randrange(3))}
        batch = [
            arrival(
                f"f{index}",
                title=texts[0],
                culprit="",
                search=texts[1],
                level=choose.choice(("error", "warning", "fatal")),
                service=choose.choice(("web", "worker", None)),
                # Ties on purpose: the id decides.
                occurred_at=now - timedelta(minutes=choose.randrange(6)),
                user=f"u{choose.randrange(9)}" if choose.random() < 0.8 else None,
                release=release,
            )
            for release in (*releases, None)
        ]
        (issue_id, *_) = store.add_events(batch)
        assert issue_id is not None
        known[issue_id] = (set(texts), releases)
        for chance, change in (
            (0.2, lambda one=issue_id: store.resolve([one])),
            (0.1, lambda one=issue_id: store.snooze([one], now + timedelta(days=1))),
            (0.2, lambda one=issue_id: store.assign([one], choose.choice(("ana", "bo")))),
            (0.3, lambda one=issue_id: store.set_covered(one, choose.random() < 0.5)),
            (0.2, lambda one=issue_id: store.add_draft(one, Strategy.REPLAY, "t.py", "", "test")),
            (0.3, lambda one=issue_id: store.mark_seen(one)),
        ):
            if choose.random() < chance:
                change()
        if store.issue(issue_id).status is Status.RESOLVED and choose.random() < 0.5:
            store.add_events([arrival(f"f{index}")])
    return known


TEXTS: dict[str, Callable[[set[str]], bool]] = {
    "": lambda words: True,
    "cart": lambda words: "cart" in words,
    "c": lambda words: bool({"cart", "checkout"} & words),
    "Key": lambda words: "KeyError" in words,
    "error": lambda words: bool({"KeyError", "TimeoutError"} & words),
    "naive": lambda words: "naïve" in words,
    "USER_ID": lambda words: "user_id" in words,
    "pool.py cart": lambda words: {"db/pool.py", "cart"} <= words,
    "4711": lambda words: "4711" in words,
    "nothing": lambda words: False,
    "'\"*": lambda words: False,
}

queries = st.builds(
    IssueQuery,
    text=st.sampled_from(list(TEXTS)),
    status=st.sampled_from([Status.UNRESOLVED, Status.UNRESOLVED, Status.RESOLVED, Status.SNOOZED, None, None]),
    level=st.sampled_from([None, None, "error", "fatal", "debug"]),
    release=st.sampled_from([None, None, "1.0", "1.2", "nope"]),
    service=st.sampled_from([None, None, "web", "nope", NONE]),
    assignee=st.sampled_from([None, None, None, "ana", NONE]),
    regressed=st.sampled_from([None, None, None, True, False]),
    covered=st.sampled_from([None, None, None, True, False]),
    has_draft=st.sampled_from([None, None, None, True, False]),
    sort=st.sampled_from(SORTS),
    first_release=st.sampled_from([None, None, None, "1.1", NONE]),
    seen=st.sampled_from([None, None, None, True, False]),
    published=st.sampled_from([None, None, None, False]),
    among=st.sampled_from([
        (), (), (), (("level", ("fatal", "error")),), (("release", ("1.0", "1.1", "nope")),), 
        (("assignee", ("bo", NONE)),),
        (("service", (NONE,)), ("level", ("error",))), (("status", ("resolved", "snoozed")),), (("level", ()),),
    ]),
    excluded=st.sampled_from([
        (), (), (), (("level", ("fatal",)),), (("release", ("1.0", "1.1")),), (("assignee", (NONE,)),),
        (("service", ("web",)), ("assignee", ("ana",))), (("service", ("web", NONE)),), (("status", ("resolved",)),),
    ]),
)  # fmt: skip


class Model:
    """A filled store with what is known of its issues."""

    def __init__(self, store: Store, arrival: Arrival, now: datetime) -> None:
        self.store = store
        self.known = fill(store, arrival, now)
        self.issues = [store.issue(number) for number in self.known]

    def answer(self, query: IssueQuery) -> list[Issue]:
        found = [issue for issue in self.issues if self.fits(issue, query)]
        return sorted(found, key=lambda issue: sort_key(issue, query.sort), reverse=not is_rising(query.sort))

    def fits(self, issue: Issue, query: IssueQuery) -> bool:
        texts, releases = self.known[issue.id]
        return all(
            (
                TEXTS[query.text](texts),
                query.release is None or query.release in releases,
                query.has_draft is None or (issue.draft is not None) is query.has_draft,
                query.published is None or (issue.publication is not None) is query.published,
                *(
                    getattr(query, name) is None or getattr(issue, name) == (getattr(query, name) or None)
                    for name in ("status", "level", "service", "assignee", "first_release")
                ),
                query.regressed is None or issue.regressed is query.regressed,
                query.covered is None or issue.covered is query.covered,
                query.seen is None or issue.seen is query.seen,
                *(bool(self.values(issue, name) & set(values)) for name, values in query.among),
                *(not self.values(issue, name) & set(values) for name, values in query.excluded),
            )
        )

    def values(self, issue: Issue, name: str) -> set[str]:
        """What an issue has of a filter."""
        return self.known[issue.id][1] if name == "release" else {getattr(issue, name) or NONE}


@pytest.fixture
def model(store: Store, arrival: Arrival, clock: Clock) -> Model:
    return Model(store, arrival, clock.now)


def check(model: Model, query: IssueQuery, limit: int) -> None:
    store, expected = model.store, model.answer(query)
    assert store.count(query) == len(expected)
    assert store.page(query, 1_000) == expected
    assert store.page(query, limit) == expected[:limit]
    assert store.last_page(query, limit) == expected[len(expected) - min(limit, len(expected)) :]
    for offset in (0, 1, len(expected) // 2, max(0, len(expected) - 2), len(expected), len(expected) + 5):
        assert store.page_at(query, offset, limit) == expected[offset : offset + limit]
    for group in GROUPS:
        counted = store.groups(query, group)
        assert counted == in_order(counted, group)
        assert sum(item.count for item in counted) == len(expected)
        for item in counted:
            part = [issue for issue in expected if (getattr(issue, field_of(group)) or NONE) == item.value]
            assert len(part) == item.count
            if query.level is None or group != "level":
                assert store.page(within(query, group, item.value), 3) == part[:3]
    if expected:
        assert store.arrived(query, expected[0]) == 0
        assert store.arrived(query, expected[-1]) == len(expected) - 1
    for index in {0, len(expected) // 2, len(expected) - 1} if expected else ():
        issue = expected[index]
        assert store.position(query, issue) == index
        assert store.page(query, limit, after=issue) == expected[index + 1 : index + 1 + limit]
        assert store.page(query, limit, before=issue) == expected[max(0, index - limit) : index]


relaxed = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@relaxed
@given(query=queries, limit=st.integers(1, 9))
def test_windows_show_what_the_query_says(model: Model, query: IssueQuery, limit: int) -> None:
    model.store.forget()
    check(model, query, limit)


@relaxed
@given(query=queries, limit=st.integers(1, 9))
def test_every_plan_gives_the_same_answer(tiny_plans: None, model: Model, query: IssueQuery, limit: int) -> None:
    """With limits this small, walks give up and sets are too large to be gathered first."""
    model.store.forget()
    check(model, query, limit)


@pytest.fixture
def tiny_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_windows, "ENOUGH", 2)
    monkeypatch.setattr(sqlite_windows, "FEW", 4)
    monkeypatch.setattr(sqlite_windows, "PROBED", 8)
    monkeypatch.setattr(sqlite_windows, "WALKS", (3, 6))


def test_paging_down_and_up_meets_every_issue_once(model: Model) -> None:
    for sort in SORTS:
        query = IssueQuery(status=None, sort=sort)
        expected, down = model.answer(query), model.store.page(query, 7)
        while page := model.store.page(query, 7, after=down[-1]):
            down += page
        assert down == expected
        up = model.store.last_page(query, 7)
        while page := model.store.page(query, 7, before=up[0]):
            up = page + up
        assert up == expected


def test_values_are_those_that_issues_have(model: Model) -> None:
    assert model.store.values("service") == ["web", "worker"]
    assert model.store.values("release") == ["1.0", "1.1", "1.2"]
    assert model.store.values("owner") == ["ana", "bo"]
    assert model.store.values("owner", 1) == ["ana"]


def test_a_filter_or_a_group_that_does_not_exist_is_a_usage_error(store: Store) -> None:
    with pytest.raises(UsageError, match="cannot filter by colour"):
        store.count(IssueQuery(among=(("colour", ("red",)),)))
    with pytest.raises(UsageError, match="cannot group by colour"):
        store.groups(IssueQuery(), "colour")


def test_an_issue_that_moved_does_not_shift_the_window(model: Model, arrival: Arrival, clock: Clock) -> None:
    query = IssueQuery(status=None)
    expected = model.answer(query)
    anchor = expected[10]
    clock.forward(minutes=1)
    model.store.add_events([arrival(f"f{anchor.id - 1}")])
    assert model.store.page(query, 1)[0].id == anchor.id
    assert model.store.page(query, 5, after=anchor) == expected[11:16]


def test_an_unknown_sort_or_status_is_a_usage_error(store: Store) -> None:
    for query in (IssueQuery(sort="id; DROP TABLE issue"), IssueQuery(status="open")):  # type: ignore[arg-type]
        for ask in (store.count, lambda query: store.page(query, 5), lambda query: store.page_at(query, 0, 5)):
            with pytest.raises(UsageError):
                ask(query)


def test_the_plain_windows_agree_on_sqlite_too(tmp_path: Path, arrival: Arrival, clock: Clock) -> None:
    store = open_store(str(tmp_path / "s.db"), clock)
    model = Model(store, arrival, clock.now)
    plain = Windows(store.database)
    for sort in SORTS:
        for text in TEXTS:
            query = IssueQuery(text=text, sort=sort)
            if text != "error":
                expected = model.answer(query)
                assert plain.page(query, 100, int(clock.now.timestamp() * 1e6)) == expected
                assert plain.count(query) == len(expected)
    store.close()
