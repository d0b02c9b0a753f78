"""Reports, similar issues, and how an issue was seen over time; on every backend."""

from datetime import timedelta

import pytest

from tests.contract.store.conftest import START, Arrival, Clock
from triage.domain.report import ReportText, read_report
from triage.errors import BadInput, NotFound
from triage.store import Store

TICKET = """Cart breaks when a voucher is used.

## Incident type
crash

**Customer impact:** 40 orders an hour are lost

### Steps to reproduce
1. put a voucher in
2. check out

## Environment
iOS 17, shop 1.4.2

## Anything else
It worked last week.
"""


def test_a_report_is_kept_with_its_parts_and_told_in_the_history(store: Store, arrival: Arrival) -> None:
    [issue] = store.add_events([arrival()])
    assert issue is not None
    kept = store.add_report(issue, read_report(TICKET), "ticket.md")
    assert (kept.said.type, kept.said.impact) == ("crash", "40 orders an hour are lost")
    assert kept.said.steps == "1. put a voucher in\n2. check out"
    assert kept.said.environment == "iOS 17, shop 1.4.2"
    assert kept.said.text.startswith("Cart breaks")
    assert kept.said.text.endswith("It worked last week.")
    assert store.reports(issue) == [kept]
    assert any("report 1: Cart breaks" in item.what for item in store.history(issue))


def test_the_same_report_is_kept_once_and_can_be_taken_away(store: Store, arrival: Arrival) -> None:
    [issue] = store.add_events([arrival()])
    assert issue is not None
    first = store.add_report(issue, ReportText("it broke"))
    assert store.add_report(issue, ReportText("it broke")) == first
    store.add_report(issue, ReportText("it broke\x00 again \ud800", steps="a"))
    assert len(store.reports()) == 2
    store.remove_report(first.id)
    assert [item.said.text for item in store.reports(issue)] == ["it broke\ufffd again ?"]
    with pytest.raises(NotFound):
        store.remove_report(first.id)


def test_reports_of_nothing_and_about_nothing_are_refused(store: Store, arrival: Arrival) -> None:
    [issue] = store.add_events([arrival()])
    assert issue is not None
    with pytest.raises(BadInput):
        store.add_report(issue, ReportText())
    with pytest.raises(NotFound):
        store.add_report(99, ReportText("x"))


def test_similar_issues_are_found_by_function_type_and_message(store: Store, arrival: Arrival) -> None:
    one = arrival("one", title="KeyError: 'a'", culprit="shop/cart.py in add_item")
    there = arrival("there", title="TypeError: b", culprit="shop/cart.py in add_item")
    kind = arrival("kind", title="KeyError: 'c'", culprit="shop/cart.py in total")
    same = arrival("same", title="KeyError: 'a'", culprit="shop/stock.py in take")
    other = arrival("other", title="ValueError: z", culprit="shop/stock.py in add_item")
    ids = store.add_events([one, there, kind, same, other])
    issue = store.issue(ids[0] or 0)
    assert [item.id for item in store.same_function(issue)] == [ids[1]]
    assert [item.id for item in store.same_type(issue, "KeyError")] == [ids[2]]
    assert [item.id for item in store.same_message(issue)] == [ids[3]]


def test_odd_places_are_no_syntax_of_the_search(store: Store, arrival: Arrival) -> None:
    odd = 'a" OR b\' & ! <(*)> : NEAR in "f"'
    ids = store.add_events([arrival("a", culprit=odd, title=odd), arrival("b", culprit=odd, title="x: y")])
    issue = store.issue(ids[0] or 0)
    assert [item.id for item in store.same_function(issue)] == [ids[1]]
    assert store.same_type(issue, odd) == []


def test_an_issue_over_time(store: Store, arrival: Arrival, clock: Clock) -> None:
    start = START - timedelta(days=3)
    events = [arrival("f", occurred_at=start + timedelta(hours=hour), release="1.0") for hour in (0, 1, 40)]
    events += [arrival("f", occurred_at=START, release="1.1"), arrival("f", occurred_at=START)]
    [issue] = {number for number in store.add_events(events) if number}
    seen = store.occurrences(issue, 30)
    assert sum(seen.counts) == seen.total == 5
    assert len(seen.counts) <= 30
    assert seen.start <= start < seen.start + timedelta(seconds=seen.seconds)
    assert [(item.release, item.count) for item in seen.releases] == [("1.0", 3), ("1.1", 1)]
