"""Candidates under way: their order stays, one that hangs holds nobody up, one that waits lets others go on."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.searching.flights import AT_ONCE, FIRST_LIMIT, LEAST_LIMIT, MOST, Flight, Flights

Answer = dict[str, Any]
WHOLE = 6.0


class Server:
    """Answers when told to; what is called `hangs` runs out of any time but the whole."""

    def __init__(self) -> None:
        self.under_way: dict[str, Future[Answer]] = {}
        self.limits: list[tuple[str, float]] = []
        self.seconds = 0.01

    def submit(self, candidate: Candidate, limit: float) -> "Future[Answer]":
        future: Future[Answer] = Future()
        self.under_way[candidate.entry] = future
        self.limits.append((candidate.entry, limit))
        if candidate.entry == "hangs" and limit < WHOLE:
            future.set_result({"outcome": "timeout"})
        elif candidate.entry == "quick":
            future.set_result({"outcome": "raised", "seconds": self.seconds})
        return future

    def end(self, name: str) -> None:
        self.under_way[name].set_result({"outcome": "raised"})

    def end_all(self, names: list[str]) -> None:
        for name in names:
            self.end(name)


def flights(server: Server, *names: str, alone: bool = False) -> Flights:
    return Flights(server.submit, iter([Candidate((), (), name, "") for name in names]), lambda: WHOLE, alone)


def forever() -> float:
    return time.monotonic() + 60


def ended(found: Flights) -> Iterator[str]:
    while (flight := found.next(forever)) is not None:
        yield flight.candidate.entry


def test_answers_come_in_the_order_of_the_candidates() -> None:
    server = Server()
    found = ended(flights(server, "first", "second", "third"))
    threading.Timer(0.05, server.end_all, [["third", "second", "first"]]).start()
    assert list(found) == ["first", "second", "third"]


def test_one_that_hangs_goes_on_beside_the_others() -> None:
    server = Server()
    found = flights(server, "hangs", *["quick"] * 4)
    seen = [flight.candidate.entry for flight in (found.next(forever) for _ in range(4)) if flight is not None]
    assert seen == ["quick"] * 4
    assert server.limits[0] == ("hangs", FIRST_LIMIT)
    assert ("hangs", WHOLE) in server.limits
    assert [item.entry for item in found.unfinished()] == ["hangs"]
    server.end("hangs")
    assert list(ended(found)) == ["hangs"]
    assert found.unfinished() == []


def test_more_are_sent_out_while_the_first_waits() -> None:
    server = Server()
    names = [f"waits {at}" for at in range(MOST + 2)]
    found = flights(server, *names)
    until = time.monotonic() + 30
    assert found.next(lambda: until if len(server.limits) < MOST else 0.0) is None
    assert len(server.limits) == MOST > AT_ONCE
    assert [item.entry for item in found.unfinished()] == names[:MOST]


def test_those_that_take_their_time_run_alone_and_have_it_at_once() -> None:
    server = Server()
    found = flights(server, "hangs", "second", alone=True)
    waited: list[str] = []

    def end(flight: Flight) -> None:
        waited.append(flight.candidate.entry)
        server.end("hangs")

    assert found.next(forever, end) is not None
    assert server.limits == [("hangs", WHOLE)]
    assert waited == ["hangs"]


def test_who_holds_the_others_up_has_less_time_where_they_are_quick() -> None:
    for seconds, limit in ((0.01, LEAST_LIMIT), (0.1, 2.0), (4.0, FIRST_LIMIT)):
        server = Server()
        server.seconds = seconds
        list(ended(flights(server, *["quick"] * 30)))
        assert server.limits[0] == ("quick", FIRST_LIMIT)
        assert server.limits[-1] == ("quick", limit)


def test_what_takes_its_time_is_waited_for_when_it_was_begun_in_time() -> None:
    server = Server()
    found = flights(server, "slow", "second", alone=True)
    threading.Timer(0.3, server.end, ["slow"]).start()
    until = time.monotonic() + 0.05
    flight = found.next(lambda: until)
    assert flight is not None
    assert flight.candidate.entry == "slow"
    assert found.next(lambda: until) is None
    assert [name for name, _ in server.limits] == ["slow"]
