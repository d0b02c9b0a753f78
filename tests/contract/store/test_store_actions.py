"""What people do to issues and drafts, and taking it back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import pytest

from triage.domain.draft import SKELETON, Strategy
from triage.domain.incoming import IncomingEvent
from triage.domain.issue import IssueQuery, News, Status
from triage.domain.verdict import Isolation, RunResult, Verdict
from triage.errors import NotFound, UsageError
from triage.store import Store

Arrival = Callable[..., IncomingEvent]
Opener = Callable[[], Store]


class Clock(Protocol):
    """The clock of conftest.py, which a test sets."""

    now: datetime

    def __call__(self) -> datetime: ...

    def forward(self, **amount: float) -> None: ...


@pytest.fixture
def filled(store: Store, arrival: Arrival) -> Store:
    store.add_events([arrival("a"), arrival("b"), arrival("c")])
    return store


def statuses(store: Store) -> list[Status]:
    return [store.issue(number).status for number in (1, 2, 3)]


OPEN, DONE, LATER = Status.UNRESOLVED, Status.RESOLVED, Status.SNOOZED


def test_resolving_several_is_one_action(filled: Store) -> None:
    filled.resolve([1, 3, 1])
    assert statuses(filled) == [DONE, OPEN, DONE]
    assert filled.undo() == "resolved: T-1, T-3"
    assert statuses(filled) == [OPEN, OPEN, OPEN]
    assert filled.undo() is None


def test_actions_are_undone_last_first_by_any_process(filled: Store, open_again: Opener, clock: Clock) -> None:
    filled.assign([1, 2], "bo")
    filled.snooze([2], clock.now + timedelta(hours=1))
    filled.resolve([2])
    other = open_again()
    assert other.undo() == "resolved: T-2"
    assert other.issue(2).status is LATER
    assert filled.undo() == "snoozed until 2026-03-04 13:00 UTC: T-2"
    assert other.undo() == "assigned to bo: T-1, T-2"
    assert filled.issue(1).assignee is None
    assert other.undo() is None


def test_what_is_so_already_is_no_action(filled: Store) -> None:
    filled.resolve([1])
    filled.resolve([1])
    filled.unresolve([2])
    filled.assign([2], None)
    assert filled.undo() == "resolved: T-1"
    assert filled.undo() is None


def test_resolving_again_after_undo_and_reopening(filled: Store) -> None:
    filled.resolve([1, 2])
    filled.unresolve([1])
    assert statuses(filled)[:2] == [OPEN, DONE]
    assert filled.undo() == "unresolved: T-1"
    assert statuses(filled)[:2] == [DONE, DONE]


def test_undo_leaves_what_came_back_by_itself(filled: Store, arrival: Arrival) -> None:
    filled.resolve([1, 2])
    filled.add_events([arrival("a")])
    assert filled.undo() == "resolved: T-1, T-2 (1 of 2 changed since, left as they are)"
    assert statuses(filled)[:2] == [OPEN, OPEN]
    assert filled.issue(1).regressed
    assert not filled.issue(2).regressed


def test_resolving_clears_the_regression_and_undo_brings_it_back(filled: Store, arrival: Arrival) -> None:
    filled.resolve([1])
    filled.add_events([arrival("a")])
    filled.resolve([1])
    assert not filled.issue(1).regressed
    filled.undo()
    assert filled.issue(1).regressed


def test_an_unknown_issue_changes_nothing(filled: Store) -> None:
    with pytest.raises(NotFound, match="T-99"):
        filled.resolve([1, 99])
    assert statuses(filled) == [OPEN, OPEN, OPEN]
    assert filled.undo() is None
    assert filled.history(1) == []


def test_a_snooze_ends_by_itself(filled: Store, clock: Clock) -> None:
    filled.snooze([1], clock.now + timedelta(hours=1))
    assert filled.count(IssueQuery()) == 2
    assert [issue.id for issue in filled.page(IssueQuery(status=LATER), 9)] == [1]
    assert filled.issue(1).snoozed_until == clock.now + timedelta(hours=1)
    clock.forward(hours=1)
    assert filled.count(IssueQuery()) == 3
    assert filled.page(IssueQuery(status=LATER), 9) == []
    assert (filled.issue(1).status, filled.issue(1).snoozed_until) == (OPEN, None)
    assert filled.history(1)[0].what == "snooze ended"


def test_a_snoozed_issue_sleeps_through_events(filled: Store, arrival: Arrival, clock: Clock) -> None:
    filled.snooze([1], clock.now + timedelta(hours=1))
    filled.add_events([arrival("a")])
    assert (filled.issue(1).status, filled.issue(1).count) == (LATER, 2)


def test_history_names_the_people(filled: Store, clock: Clock) -> None:
    filled.resolve([1])
    clock.forward(minutes=5)
    filled.undo()
    lines = [(line.who, line.what) for line in filled.history(1)]
    assert lines == [("ana", "undid: resolved: T-1"), ("ana", "resolved")]
    assert filled.history(1)[0].when == clock.now


def test_seen_and_covered_are_not_actions(filled: Store) -> None:
    filled.mark_seen(1)
    filled.set_covered(1, False)
    assert filled.issue(1).seen
    assert filled.issue(1).covered is False
    assert filled.count(IssueQuery(covered=False)) == 1
    filled.set_covered(1, None)
    assert filled.issue(1).covered is None
    assert filled.undo() is None


def result(clock: Clock, verdict: Verdict, **fields: object) -> RunResult:
    values: dict[str, object] = {
        "verdict": verdict, "why": "as expected", "ref": "HEAD", "commit": "a" * 40,
        "isolation": Isolation.BUBBLEWRAP, "seconds": 0.5, "when": clock(),
    }  # fmt: skip
    return RunResult(**{**values, **fields})  # type: ignore[arg-type]


def test_drafts_keep_every_revision(filled: Store, clock: Clock) -> None:
    first = filled.add_draft(1, Strategy.REPLAY, "tests/test_cart.py", "x = 1\n", "test_add", entry="shop.cart.add")
    second = filled.add_draft(
        1, Strategy.CLAUDE, "tests/test_cart.py", "x = 2\n", "test_add", parent=first.id, model="m", prompt_hash="h",
        cost=0.25, note="shorter",
    )  # fmt: skip
    assert filled.drafts(1) == [first, second]
    assert filled.draft(second.id) == second
    assert (second.parent, second.model, second.cost, second.note) == (first.id, "m", 0.25, "shorter")
    assert (first.created_at, first.entry) == (clock.now, "shop.cart.add")
    with pytest.raises(NotFound):
        filled.add_draft(99, Strategy.HUMAN, "t.py", "", "test")
    with pytest.raises(NotFound):
        filled.draft(99)


def test_evidence_is_the_latest_run_of_each_side(filled: Store, clock: Clock) -> None:
    draft = filled.add_draft(1, Strategy.REPLAY, "t.py", "", "test")
    assert filled.evidence(draft.id).line == "not run yet"
    assert filled.issue(1).draft == "NEW"
    filled.add_run(draft.id, "before", result(clock, Verdict.WRONG_TYPE))
    assert filled.issue(1).draft == "WRONG_TYPE"
    good = result(clock, Verdict.REPRODUCED, output="E\n" * 10, frames_matched=2, message_same=True)
    filled.add_run(draft.id, "before", good)
    fixed = result(clock, Verdict.PASSES, ref="fix")
    filled.add_run(draft.id, "after", fixed)
    filled.set_stability(draft.id, 20, False)

    evidence = filled.evidence(draft.id)
    assert (evidence.before, evidence.after, evidence.stable_runs, evidence.unstable) == (good, fixed, 20, False)
    assert [side for side, _ in filled.runs(draft.id)] == ["before", "before", "after"]
    assert filled.issue(1).draft == "PASSES"
    filled.set_stability(draft.id, 20, True)
    assert filled.issue(1).draft == "FLAKY"
    with pytest.raises(UsageError):
        filled.add_run(draft.id, "beside", good)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        filled.add_run(99, "before", good)
    with pytest.raises(NotFound):
        filled.evidence(99)


def test_what_a_run_printed_is_kept_without_its_secrets(filled: Store, clock: Clock) -> None:
    draft = filled.add_draft(1, Strategy.REPLAY, "t.py", "", "test")
    secret = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"
    printed = f"shop/cart.py:8: in total\nE   KeyError: 'token={secret}'\n"
    filled.add_run(draft.id, "before", result(clock, Verdict.REPRODUCED, output=printed))
    ((_, kept),) = filled.runs(draft.id)
    assert secret not in kept.output
    assert len(kept.output) == len(printed)
    assert kept.output.startswith("shop/cart.py:8: in total\nE   KeyError: 'token=")


def test_a_skeleton_is_no_draft_that_waits_for_a_run(filled: Store, clock: Clock) -> None:
    hollow = filled.add_draft(1, Strategy.REPLAY, "t.py", "", "test", note=f"{SKELETON}, with holes")
    assert filled.issue(1).draft == "SKELETON"
    filled.add_draft(1, Strategy.HUMAN, "t.py", "x", "test", parent=hollow.id)
    assert filled.issue(1).draft == "NEW"
    filled.discard_draft(2)
    filled.add_run(hollow.id, "before", result(clock, Verdict.PASSED))
    assert filled.issue(1).draft == "PASSED"


def test_the_inbox_shows_the_best_draft_that_stands(filled: Store, clock: Clock) -> None:
    bad = filled.add_draft(1, Strategy.REPLAY, "t.py", "", "test")
    good = filled.add_draft(1, Strategy.REPLAY, "t.py", "", "test")
    filled.add_run(bad.id, "before", result(clock, Verdict.SYNTAX))
    filled.add_run(good.id, "before", result(clock, Verdict.REPRODUCED))
    assert filled.issue(1).draft == "REPRODUCED"
    filled.discard_draft(good.id)
    assert (filled.issue(1).draft, filled.draft(good.id).discarded) == ("SYNTAX", True)
    assert filled.undo() == f"discarded draft {good.id} of T-1"
    assert (filled.issue(1).draft, filled.draft(good.id).discarded) == ("REPRODUCED", False)
    filled.discard_draft(bad.id)
    filled.discard_draft(good.id)
    assert filled.issue(1).draft is None
    assert filled.count(IssueQuery(has_draft=True)) == 0
    filled.restore_draft(good.id)
    assert filled.count(IssueQuery(has_draft=True)) == 1
    assert filled.undo() == f"restored draft {good.id} of T-1"
    with pytest.raises(NotFound):
        filled.discard_draft(99)


def test_a_second_publication_of_a_branch_updates_the_first(filled: Store) -> None:
    draft = filled.add_draft(1, Strategy.REPLAY, "t.py", "", "test")
    pushed = filled.add_publication(1, draft.id, "triage/t-1", "abc", "origin", url="https://x/compare")
    assert filled.issue(1).publication == "branch"
    opened = filled.add_publication(1, draft.id, "triage/t-1", "def", "origin", 12, "https://x/pull/12", "body")
    assert (opened.id, opened.number, opened.commit, opened.undone) == (pushed.id, 12, "def", False)
    assert filled.issue(1).publication == "PR #12"
    again = filled.add_publication(1, draft.id, "triage/t-1", "def", "origin")
    assert (again.number, again.url) == (12, "https://x/pull/12")
    assert filled.publications(1) == [again]

    filled.mark_undone(opened.id)
    assert filled.publications(1)[0].undone
    assert filled.issue(1).publication is None
    reopened = filled.add_publication(1, draft.id, "triage/t-1", "123", "origin")
    assert (reopened.undone, reopened.number) == (False, None)
    with pytest.raises(NotFound):
        filled.mark_undone(99)
    with pytest.raises(NotFound):
        filled.add_publication(2, draft.id, "b", "c", "origin")


def test_news_are_new_issues_and_those_that_came_back(store: Store, arrival: Arrival, clock: Clock) -> None:
    (first,) = store.add_events([arrival("a")])
    assert first is not None
    store.resolve([first])
    mark = store.mark()
    assert store.news(mark) == News(mark)
    clock.forward(minutes=1)
    store.add_events([arrival("a"), arrival("b"), arrival("c")])
    news = store.news(mark, limit=1)
    assert (news.new_count, [issue.title for issue in news.new]) == (2, ["KeyError: c"])
    assert (news.regressed_count, [issue.id for issue in news.regressed]) == (1, [first])
    assert store.news(news.mark).new_count == 0


def test_issues_are_read_by_their_ids(store: Store, arrival: Arrival) -> None:
    ids = [number for number in store.add_events([arrival("a"), arrival("b")]) if number is not None]
    assert store.issues([*ids, 99]) == {number: store.issue(number) for number in ids}
    assert store.issues([]) == {}


def test_the_size_of_an_event_is_known_without_unpacking_it(store: Store, arrival: Arrival) -> None:
    (number,) = store.add_events([arrival("a", raw=b"x" * 3_000_000)])
    assert number is not None
    assert store.raw_size(number) == 3_000_000
    assert store.raw_size(99) == 0
