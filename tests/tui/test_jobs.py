"""The runner of jobs: always an end, never a crash, never in the way of the screen."""

import asyncio
import errno
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator

import pytest
from textual.message import Message

from tests.tui.events import add, sdk_event
from tests.tui.stories import opened, sees, until
from triage.errors import TriageError, Unavailable
from triage.services.intake import IngestProcess
from triage.services.steps import Finished, Output, Step
from triage.services.workspace import Workspace
from triage.tui.app import TriageApp
from triage.tui.jobs import Lane, State
from triage.tui.messages import JobCancelled, JobFailed, JobFinished, JobProgressed
from triage.tui.screens.inbox import InboxScreen


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """All messages about jobs that reach the inbox."""
    messages: list[Message] = []
    for name in ("progressed", "finished", "cancelled"):
        monkeypatch.setattr(
            InboxScreen, f"on_job_{name}", lambda screen, message: messages.append(message), raising=False
        )
    failed = InboxScreen.on_job_failed

    def on_job_failed(screen: InboxScreen, message: JobFailed) -> None:
        messages.append(message)
        failed(screen, message)

    monkeypatch.setattr(InboxScreen, "on_job_failed", on_job_failed)
    return messages


async def test_progress_comes_in_order_and_bundled(app: TriageApp, heard: list[Message]) -> None:
    async def work() -> AsyncIterator[object]:
        yield Step("starting")
        for number in range(1_000):
            yield Output(str(number))
        yield Finished("done", 1_000)

    async with opened(app) as pilot:
        job = app.jobs.start(app.screen, "story", "a story", work)
        await until(pilot, lambda: any(isinstance(item, JobFinished) for item in heard))
        bundles = [item for item in heard if isinstance(item, JobProgressed)]
        items = [item for bundle in bundles for item in bundle.items]
        assert len(items) == 1_002
        assert [item.text for item in items if isinstance(item, Output)] == [str(number) for number in range(1_000)]
        assert len(bundles) < 50
        assert heard[-1].result == Finished("done", 1_000)  # type: ignore[attr-defined]
        assert job.state is State.FINISHED


@pytest.mark.parametrize(
    ("error", "title"),
    [
        (Unavailable("no network [/b]", "[red]detail", "hint"), "no network [/b]"),
        (ValueError("[/oops] list[int]"), "something went wrong here"),
        (SystemExit(3), "something went wrong here"),
        (OSError(errno.ENOSPC, "No space left on device", "/var/x"), "the disk is full"),
    ],
)
async def test_an_error_is_shown_and_nothing_dies(
    app: TriageApp, heard: list[Message], error: BaseException, title: str
) -> None:
    async def work() -> AsyncIterator[object]:
        yield Step("starting")
        raise error

    async with opened(app) as pilot:
        app.jobs.start(app.screen, "story", "a story", work)
        await sees(pilot, title)
        failures = [item for item in heard if isinstance(item, JobFailed)]
        assert isinstance(failures[0].error, TriageError)
        assert app.is_running


async def test_cancel_stops_at_once_and_cleans_up(app: TriageApp, heard: list[Message]) -> None:
    cleaned: list[bool] = []

    async def work() -> AsyncIterator[object]:
        try:
            yield Step("waiting")
            await asyncio.sleep(600)
        finally:
            cleaned.append(True)

    async with opened(app) as pilot:
        job = app.jobs.start(app.screen, "story", "a story", work)
        await until(pilot, lambda: job.step == "waiting")
        app.jobs.cancel(job)
        await until(pilot, lambda: any(isinstance(item, JobCancelled) for item in heard))
        assert cleaned == [True]
        assert job.state is State.CANCELLED


async def test_a_second_job_of_a_kind_replaces_the_first(app: TriageApp) -> None:
    async def work() -> AsyncIterator[object]:
        yield Step("waiting")
        await asyncio.sleep(600)

    async with opened(app) as pilot:
        first = app.jobs.start(app.screen, "story", "first", work)
        second = app.jobs.start(app.screen, "story", "second", work)
        await until(pilot, lambda: first.state is State.CANCELLED)
        assert second.running


async def test_a_job_that_computes_does_not_hold_up_keys(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, *(sdk_event(at) for at in range(1, 9)))
    stop = threading.Event()

    async def work() -> AsyncIterator[object]:
        yield Step("computing")
        stop.wait(20)  # blocks the jobs' loop, as a service that forgot to yield would

    async with opened(app) as pilot:
        job = app.jobs.start(app.screen, "story", "a story", work)
        await until(pilot, lambda: job.step == "computing")
        assert isinstance(app.screen, InboxScreen)
        await pilot.press("j", "j")
        assert app.screen.issues.index == 2
        stop.set()


@pytest.mark.parametrize("kind", ["waits", "blocks"])
async def test_quitting_takes_no_time_whatever_runs(app: TriageApp, kind: str) -> None:
    async def waits() -> AsyncIterator[object]:
        yield Step("waiting")
        await asyncio.sleep(600)

    async def blocks() -> AsyncIterator[object]:
        yield Step("waiting")
        await asyncio.to_thread(time.sleep, 5)

    async with opened(app) as pilot:
        job = app.jobs.start(app.screen, "story", "a story", waits if kind == "waits" else blocks)
        await until(pilot, lambda: job.step == "waiting")
        begun = time.monotonic()
        app.jobs.close()
        assert time.monotonic() - begun < 3.0  # one takes five seconds, the other ten minutes


def waiting_process() -> subprocess.Popen[bytes]:
    """A process that does nothing until it is told to end."""
    return subprocess.Popen((sys.executable, "-c", "input()"), stdin=subprocess.PIPE, start_new_session=True)


async def test_nothing_outlives_the_app(app: TriageApp) -> None:
    listening, behind = waiting_process(), waiting_process()

    async def work() -> AsyncIterator[object]:
        yield Step("waiting")
        await asyncio.sleep(600)

    async with opened(app) as pilot:
        app.ingest = IngestProcess(listening, "", "")
        app.outsiders = frozenset({behind.pid})
        job = app.jobs.start(app.screen, "story", "a story", work)
        await until(pilot, lambda: job.step == "waiting")
    assert job.state is State.CANCELLED
    assert await asyncio.to_thread(listening.wait, 5) == -signal.SIGTERM
    assert behind.poll() is None  # not the app's
    behind.kill()
    behind.wait()


async def test_quitting_asks_only_while_something_runs(app: TriageApp) -> None:
    async def work() -> AsyncIterator[object]:
        yield Step("waiting")
        await asyncio.sleep(600)

    async with opened(app) as pilot:
        app.jobs.start(app.screen, "story", "a long story [/b]", work)
        await pilot.press("q")
        await sees(pilot, "Quitting stops what runs", "a long story [/b]")
        await pilot.press("enter")
        await sees(pilot, "Quitting stops what runs")
        await pilot.press("escape", "J")
        await sees(pilot, "a long story [/b]", "x stops one")
        await pilot.press("x")
        await sees(pilot, "cancelled")


async def test_a_lane_runs_calls_in_order_and_passes_errors_on() -> None:
    lane = Lane("test")
    assert await lane.run(lambda: threading.current_thread().name) == "test"
    with pytest.raises(KeyError):
        await lane.run(lambda: {"a": 1}["nothing"])
    lane.close()
