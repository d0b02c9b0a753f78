"""Events become issues: grouped once, counted right, never twice, and back when they return."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from triage.domain.incoming import IncomingEvent, Kind
from triage.domain.issue import IssueQuery, Status
from triage.errors import NotFound
from triage.store import Store

Arrival = Callable[..., IncomingEvent]
Opener = Callable[[], Store]


class Clock(Protocol):
    """The clock of conftest.py, which a test sets."""

    now: datetime

    def __call__(self) -> datetime: ...

    def forward(self, **amount: float) -> None: ...


def test_events_of_one_fingerprint_are_one_issue(store: Store, arrival: Arrival, clock: Clock) -> None:
    early, late = clock.now - timedelta(hours=5), clock.now - timedelta(minutes=1)
    first = arrival("a", occurred_at=late, release="shop@1.1", user="u1", service="web", environment="production")
    ids = store.add_events([first, arrival("b"), arrival("a", occurred_at=early, release="shop@1.0", user="u2")])

    assert ids == [1, 2, 1]
    issue = store.issue(1)
    assert (issue.short_id, issue.count, issue.users) == ("T-1", 2, 2)
    assert (issue.first_seen, issue.last_seen) == (early, late)
    assert (issue.first_release, issue.last_release) == ("shop@1.0", "shop@1.1")
    assert (issue.status, issue.service, issue.level) == (Status.UNRESOLVED, "web", "error")
    assert (issue.regressed, issue.seen) == (False, False)
    assert issue.covered is None
    assert sum(issue.trend) == 2


def test_an_event_is_stored_once(store: Store, arrival: Arrival) -> None:
    event = arrival()
    assert store.add_events([event, event]) == [1, None]
    assert store.add_events([event, arrival()]) == [None, 1]
    assert store.issue(1).count == 2
    assert len(store.raw_events(1)) == 2


def test_a_later_batch_adds_to_the_issue(store: Store, arrival: Arrival, clock: Clock) -> None:
    store.add_events([arrival(user="u1", release="1.0.0"), arrival(user="u2")])
    clock.forward(hours=3)
    store.add_events([arrival(user="u2", release="1.1.0"), arrival(user="u3")])

    issue = store.issue("t-1")
    assert (issue.count, issue.users) == (4, 3)
    assert issue.last_seen == clock.now
    assert (issue.first_release, issue.last_release) == ("1.0.0", "1.1.0")
    assert issue.trend[-1] == 2
    assert sum(issue.trend) == 4


def test_events_that_come_late_do_not_move_the_last_release_back(store: Store, arrival: Arrival, clock: Clock) -> None:
    store.add_events([arrival(release="1.1.0")])
    store.add_events([arrival(release="1.0.0", occurred_at=clock.now - timedelta(days=2))])
    issue = store.issue(1)
    assert (issue.first_release, issue.last_release) == ("1.0.0", "1.1.0")


def test_the_trend_forgets_what_is_older_than_a_day(store: Store, arrival: Arrival, clock: Clock) -> None:
    store.add_events([arrival(), arrival()])
    clock.forward(hours=25)
    assert sum(store.issue(1).trend) == 0
    store.add_events([arrival()])
    assert store.issue(1).trend == (0,) * 11 + (1,)


def test_a_clock_that_runs_ahead_by_years_counts_as_now(store: Store, arrival: Arrival, clock: Clock) -> None:
    store.add_events([arrival(occurred_at=datetime(9999, 1, 1, tzinfo=UTC))])
    issue = store.issue(1)
    assert issue.last_seen == clock.now
    assert issue.trend[-1] == 1


def test_the_payload_comes_back_byte_for_byte(store: Store, arrival: Arrival, clock: Clock) -> None:
    raw = bytes(range(256)) * 400
    store.add_events([arrival(raw=raw, kind=Kind.TRACEBACK, release="1.0", environment="prod", source="import")])
    event = store.raw_event(1)
    assert (event.raw, event.kind, event.occurred_at) == (raw, Kind.TRACEBACK, clock.now)
    assert (event.release, event.environment, event.source, event.event_id) == ("1.0", "prod", "import", "event-1")
    assert store.raw_event(1, "event-1") == event


def test_the_most_complete_event_is_shown_first_and_the_latest_of_those(
    store: Store, arrival: Arrival, clock: Clock
) -> None:
    values = b'{"vars": {}, "request": {}}'
    store.add_events([arrival(kind=Kind.TRACEBACK, raw=b"Traceback"), arrival(raw=values), arrival(raw=b"{}")])
    clock.forward(minutes=1)
    store.add_events([arrival(raw=b"{}")])
    assert store.raw_event(1).event_id == "event-2"
    store.add_events([arrival(raw=values)])
    assert store.raw_event(1).event_id == "event-5"
    assert [event.event_id for event in store.raw_events(1, 2)] == ["event-5", "event-4"]


def test_what_does_not_exist_is_not_found(store: Store, arrival: Arrival) -> None:
    store.add_events([arrival("a"), arrival("b")])
    with pytest.raises(NotFound):
        store.raw_event(2, "event-1")
    with pytest.raises(NotFound):
        store.raw_event(9)
    for ref in ("T-9", 9, "", "T-", "x", "-1", "9" * 30, "１", "T-1; DROP TABLE issue"):
        with pytest.raises(NotFound):
            store.issue(ref)
    assert store.issue(" T-2 ").id == store.issue("2").id == store.issue(2).id


def test_hostile_text_is_stored_and_found(store: Store, arrival: Arrival) -> None:
    nasty = "[red]\x1b[31m\x00\ud800 'quote' \"x\" % ? \u202e {} --"
    store.add_events(
        [
            arrival(
                title=nasty, culprit=nasty, level="'; DROP", service=nasty, release=nasty, environment=nasty,
                user=nasty, search=nasty, event_id=nasty, fingerprint=nasty, source=nasty,
            )
        ]
    )  # fmt: skip
    issue = store.issue(1)
    assert issue.level == "error"
    assert "\x00" not in issue.title
    assert issue.title.startswith("[red]\x1b[31m")
    assert store.count(IssueQuery(text="quote")) == 1
    assert store.count(IssueQuery(service=issue.service)) == 1
    assert store.count(IssueQuery(release=issue.last_release)) == 1
    store.assign([1], nasty)
    draft = store.add_draft(1, "replay", nasty, nasty, nasty, note=nasty, model=nasty, entry=nasty)  # type: ignore[arg-type]
    store.add_publication(1, draft.id, nasty, nasty, nasty, url=nasty, text=nasty)
    assert store.history(1)


def test_huge_fields_are_cut(store: Store, arrival: Arrival) -> None:
    store.add_events([arrival(title="x" * 1_000_000, search="word " * 1_000_000, release="r" * 100_000)])
    assert len(store.issue(1).title) == 1_000
    assert store.count(IssueQuery(text="word")) == 1


def test_a_resolved_issue_that_is_seen_again_is_back(store: Store, arrival: Arrival, clock: Clock) -> None:
    store.add_events([arrival(release="shop@1.4.0")])
    store.mark_seen(1)
    store.resolve([1])
    assert store.issue(1).status is Status.RESOLVED
    clock.forward(hours=1)
    store.add_events([arrival(release="shop@1.4.1"), arrival(release="shop@1.4.1")])

    issue = store.issue(1)
    assert (issue.status, issue.regressed, issue.seen) == (Status.UNRESOLVED, True, False)
    assert store.page(IssueQuery(regressed=True), 9) == [issue]
    newest = store.history(1)[0]
    assert newest.what == "regressed: seen again in shop@1.4.1 (was resolved in shop@1.4.0)"
    assert (newest.who, newest.when) == ("triage", clock.now)


def test_an_older_release_that_still_runs_is_no_regression(store: Store, arrival: Arrival, clock: Clock) -> None:
    store.add_events([arrival(release="shop@1.9.0")])
    store.add_events([arrival(release="shop@1.10.0", occurred_at=clock.now + timedelta(minutes=1))])
    store.resolve([1])
    store.add_events([arrival(release="shop@1.9.0")])
    assert (store.issue(1).status, store.issue(1).count) == (Status.RESOLVED, 3)
    store.add_events([arrival(release="shop@1.10.0")])
    assert store.issue(1).regressed


def test_an_old_log_imported_after_resolving_is_no_regression(store: Store, arrival: Arrival, clock: Clock) -> None:
    store.add_events([arrival()])
    store.resolve([1])
    store.add_events([arrival(source="import", occurred_at=clock.now - timedelta(hours=1))])
    assert store.issue(1).status is Status.RESOLVED
    store.add_events([arrival(source="import", occurred_at=clock.now + timedelta(hours=1))])
    assert store.issue(1).regressed


def test_an_empty_batch_changes_nothing(store: Store) -> None:
    token = store.change_token()
    assert store.add_events([]) == []
    assert store.change_token() == token


def test_every_change_moves_the_token(store: Store, arrival: Arrival, open_again: Opener) -> None:
    other = open_again()
    tokens = [other.change_token()]
    for change in (
        lambda: store.add_events([arrival()]),
        lambda: store.resolve([1]),
        store.undo,
        lambda: store.mark_seen(1),
        lambda: store.set_covered(1, False),
    ):
        change()
        tokens.append(other.change_token())
    assert tokens == sorted(set(tokens))


def test_many_threads_write_and_read_at_once(store: Store, arrival: Arrival) -> None:
    batches = [[arrival(f"f{number % 7}", user=f"u{number}") for number in range(40)] for _ in range(12)]
    failures: list[BaseException] = []

    def write(mine: list[list[IncomingEvent]]) -> None:
        try:
            for batch in mine:
                assert None not in store.add_events(batch)
                store.page(IssueQuery(), 10)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(batches[index::4],)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    issues = store.page(IssueQuery(), 20)
    assert len(issues) == 7
    assert sum(issue.count for issue in issues) == 12 * 40
    assert sum(issue.users for issue in issues) == 40


def test_a_closed_store_says_so(store: Store) -> None:
    from triage.errors import Unavailable

    store.close()
    with pytest.raises(Unavailable, match="closed"):
        store.change_token()
