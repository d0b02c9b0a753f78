"""The server and the process that stores for it: frames, deaths, and the end."""

import asyncio
import contextlib
import os
import signal
import socket
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from triage.config import IngestConfig
from triage.domain.incoming import IncomingEvent, Kind
from triage.domain.issue import IssueQuery
from triage.errors import Unavailable
from triage.services import storing
from triage.sources.ingest import writer
from triage.sources.ingest.app import create_app
from triage.sources.ingest.wire import Answer, Frames, answer_in, events_in, pack
from triage.store import open_store

WHEN = datetime(2026, 11, 21, 9, 38, 23, 914589, UTC)


def event(number: int, raw: bytes = b'{"vars": 1}') -> IncomingEvent:
    return IncomingEvent(f"{number:032x}", f"f{number % 7}", Kind.SDK, raw, "KeyError: x", "a in b", "error", WHEN)


@given(st.lists(st.lists(st.builds(event, st.integers(0, 2**64), st.binary(max_size=300)), max_size=3)), st.data())
def test_what_is_sent_arrives_however_it_is_cut(batches: list[list[IncomingEvent]], data: st.DataObject) -> None:
    wire = b"".join(map(bytes, map(pack, batches)))
    frames, found, at = Frames(), [], 0
    while at < len(wire):
        step = data.draw(st.integers(1, 200))
        frames.feed(wire[at : at + step])
        at += step
        while frame := frames.take():
            found.append(events_in(frame))
    assert found == batches
    assert not frames.take()


def test_answers_come_as_they_were_given() -> None:
    for answer in (Answer([1, None, 3]), Answer(error=("no room", "disk full", "free some"))):
        frames = Frames()
        frames.feed(bytes(pack(answer)))
        assert answer_in(frames.take()) == answer


@pytest.fixture
def url(tmp_path: Path) -> str:
    found = f"sqlite:///{tmp_path / 'triage.db'}"
    open_store(found).close()
    return found


def stored(url: str) -> int:
    store = open_store(url)
    try:
        return sum(issue.count for issue in store.page(IssueQuery(), 100))
    finally:
        store.close()


def processes() -> list[psutil.Process]:
    found = psutil.Process().children()
    return [child for child in found if child.status() != psutil.STATUS_ZOMBIE and storing.MODULE in child.cmdline()]


def test_each_caller_hears_of_its_own_events(url: str) -> None:
    process = writer.WriterProcess(storing.MODULE, url)

    async def send() -> list[list[int | None]]:
        calls = [process.add_events([event(n), event(n + 7), event(n)]) for n in range(7)]
        answers = await asyncio.gather(*calls)
        assert await process.add_events([event(1)]) == [None]
        return answers

    answers = asyncio.run(send())
    assert {len(set(answer[:2])) for answer in answers} == {1}, "both are one issue"
    assert [answer[2] for answer in answers] == [None] * 7, "the third is the first again"
    assert len({answer[0] for answer in answers}) == 7
    process.close()
    assert stored(url) == 14
    assert not processes()


def test_the_password_of_a_store_is_in_no_command_line(url: str) -> None:
    process = writer.WriterProcess(storing.MODULE, url)
    try:
        [child] = processes()
        assert not [word for word in child.cmdline() if url in word]
        assert child.environ()["TRIAGE_STORE"] == url
    finally:
        process.close()


def test_many_large_events_pass_through_a_small_pipe(url: str) -> None:
    process = writer.WriterProcess(storing.MODULE, url)

    async def send() -> None:
        await asyncio.gather(*(process.add_events([event(n, os.urandom(400_000))]) for n in range(60)))

    asyncio.run(send())
    process.close()
    assert stored(url) == 60


def test_a_killed_one_is_replaced_and_nobody_is_told_a_lie(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "AGAIN", 0.0)
    process = writer.WriterProcess(storing.MODULE, url)

    async def send() -> None:
        for number in range(60):
            if number % 20 != 10:
                await process.add_events([event(number)])
                continue
            [child] = processes()
            child.suspend()
            asyncio.get_running_loop().call_later(0.05, child.kill)
            with pytest.raises(Unavailable, match="ended"):
                await process.add_events([event(number)])

    asyncio.run(send())
    process.close()
    assert stored(url) == 57


@pytest.mark.parametrize("sent_before", [0, 1])
def test_one_killed_while_nothing_was_sent_is_replaced_unseen(
    url: str, monkeypatch: pytest.MonkeyPatch, sent_before: int
) -> None:
    monkeypatch.setattr(writer, "AGAIN", 0.0)
    process = writer.WriterProcess(storing.MODULE, url)
    wire = b'{}\n{"type": "event"}\n{"event_id": "%032x", "message": "no room"}\n'

    def send(number: int) -> int:
        return client.post("/api/1/envelope/?sentry_key=k", content=wire % number).status_code

    with TestClient(create_app(process, IngestConfig(), "k")) as client:
        for number in range(sent_before):
            assert send(number) == 200
        for number in range(10, 13):
            [child] = processes()
            child.kill()
            psutil.wait_procs([child], 20)
            assert send(number) == 200
    process.close()
    assert stored(url) == sent_before + 3


def test_one_that_dies_at_once_is_not_started_in_a_loop(tmp_path: Path) -> None:
    process = writer.WriterProcess(storing.MODULE, f"sqlite:///{tmp_path}")  # a folder is no store

    async def send() -> None:
        for _ in range(30):
            with pytest.raises(Unavailable, match="ended"):
                await process.add_events([event(1)])
            started.add(process.pid)
            await asyncio.sleep(0.01)

    started: set[int] = set()
    asyncio.run(send())
    process.close()
    assert len(started) <= 3


def test_what_the_store_says_reaches_the_caller(url: str) -> None:
    process = writer.WriterProcess(storing.MODULE, url)
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        database.execute("CREATE TRIGGER no BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'not this one'); END")

    async def send() -> None:
        with pytest.raises(Unavailable, match="store") as caught:
            await process.add_events([event(1)])
        assert "not this one" in caught.value.detail
        assert caught.value.hint

    asyncio.run(send())
    process.close()
    assert stored(url) == 0


def test_signals_are_the_servers_business_and_its_death_ends_it(url: str) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        child = psutil.Popen(
            [sys.executable, "-m", storing.MODULE], stdin=theirs.fileno(), env={**os.environ, "TRIAGE_STORE": url}
        )
        theirs.close()
        ours.sendall(pack([event(1)]))
        assert answer_in(ours.recv(1_000)[4:]) == Answer([1])
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            child.send_signal(number)
        # Received whole it is stored although the server is gone; half of one never was acknowledged.
        ours.sendall(pack([event(2)]) + pack([event(3)])[:-1])
    assert child.wait(20) == 0
    assert stored(url) == 2
