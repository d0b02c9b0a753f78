"""The one runner of everything slow: services as jobs, and store queries off the screen's thread.

Jobs run on an event loop of their own in a daemon thread, so that a service that computes for
a while never holds up a key press. A job always ends in exactly one of JobFinished, JobFailed
or JobCancelled, posted to its owner (from where it bubbles to the app).
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from queue import SimpleQueue
from typing import Any, TypeVar

from textual.message import Message
from textual.message_pump import MessagePump

from triage.errors import TriageError, full_disk
from triage.tui.messages import JobCancelled, JobFailed, JobFinished, JobProgressed, JobStarted

LOG = logging.getLogger("triage.tui")
COALESCE = 0.05
KEPT = 300
"""Lines that are kept of what a job said, for who looks later."""
T = TypeVar("T")

Work = Callable[[], "AsyncIterator[Any] | Awaitable[Any]"]
"""Starts the work: a service's async generator, or a coroutine. Called on the jobs' thread."""

READS = frozenset({"refs", "ref", "plan", "case", "sides", "blame", "source", "prompt"})
"""Kinds of jobs by which screens read what they show."""


class State(StrEnum):
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(eq=False)
class Job:
    """One piece of work. `kind` tells an owner's jobs apart; `label` is for people. `said` is the
    end of its steps and output, `ending` what came of it in one sentence."""

    id: int
    kind: str
    label: str
    owner: MessagePump
    state: State = State.RUNNING
    started: float = field(default_factory=time.monotonic)
    step: str = ""
    seconds: float = 0.0
    ending: str = ""
    said: deque[object] = field(default_factory=lambda: deque(maxlen=KEPT))
    _task: asyncio.Task[None] | None = None
    _cancelled: bool = False

    @property
    def asked_for(self) -> bool:
        """Whether somebody wanted it done; what a screen only reads is lost to nobody."""
        return self.kind not in READS

    @property
    def running(self) -> bool:
        return self.state is State.RUNNING

    def hear(self, item: object) -> None:
        """Remember what it yielded: a step is what it does now."""
        from triage.services.steps import Output, Step

        if isinstance(item, Step):
            self.step = item.text
        if isinstance(item, Step | Output):
            self.said.append(item)

    @property
    def age(self) -> float:
        """Seconds it has run, or ran."""
        return time.monotonic() - self.started if self.running else self.seconds


class Jobs:
    """Starts, lists and stops jobs. `changed` is called from any thread when the list changes."""

    def __init__(self, changed: Callable[[], object]) -> None:
        self._changed = changed
        self._ids = count(1)
        self._jobs: deque[Job] = deque(maxlen=50)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._idle = threading.Condition()

    def __iter__(self) -> Iterator[Job]:
        """Running and recent jobs, newest first."""
        return iter(tuple(self._jobs))

    @property
    def running(self) -> tuple[Job, ...]:
        return tuple(job for job in self._jobs if job.running)

    def start(self, owner: MessagePump, kind: str, label: str, work: Work, *, alone: bool = True) -> Job:
        """Run `work`; messages go to `owner`. With `alone`, first stops the owner's running
        job of the same kind."""
        if alone:
            for other in self.running:
                if other.owner is owner and other.kind == kind:
                    self.cancel(other)
        job = Job(next(self._ids), kind, label, owner)
        self._jobs.appendleft(job)
        if self._closed:
            self._end(job, State.CANCELLED, JobCancelled(job))
            return job
        owner.post_message(JobStarted(job))
        self._ready().call_soon_threadsafe(self._begin, job, work)
        self._changed()
        return job

    def cancel(self, job: Job) -> None:
        """Stop a job; returns at once, JobCancelled follows when it has cleaned up."""
        job._cancelled = True
        if self._loop is not None and job.running:
            self._loop.call_soon_threadsafe(lambda: job._task.cancel() if job._task else None)

    def stop(self) -> None:
        """Stop everything, from now on also what is started; does not wait."""
        self._closed = True
        for job in self.running:
            self.cancel(job)

    def close(self, patience: float = 0.15) -> None:
        """Stop everything; wait at most `patience` seconds for jobs to clean up after themselves."""
        self.stop()
        deadline = time.monotonic() + patience
        with self._idle:
            while self.running and (left := deadline - time.monotonic()) > 0:
                self._idle.wait(left)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._loop = None

    def _ready(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._loop.set_default_executor(DaemonExecutor())
            threading.Thread(target=self._serve, args=(self._loop,), name="jobs", daemon=True).start()
        return self._loop

    @staticmethod
    def _serve(loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        loop.run_forever()
        if not asyncio.all_tasks(loop):
            loop.close()

    def _begin(self, job: Job, work: Work) -> None:
        assert self._loop is not None
        job._task = self._loop.create_task(self._run(job, work))
        # A task that is cancelled before its first step never runs its own ending.
        job._task.add_done_callback(lambda _: self._end(job, State.CANCELLED, JobCancelled(job)))
        if job._cancelled:
            job._task.cancel()

    async def _run(self, job: Job, work: Work) -> None:
        try:
            result = await self._drive(job, work)
        except asyncio.CancelledError:
            self._end(job, State.CANCELLED, JobCancelled(job))
        except TriageError as error:
            self._end(job, State.FAILED, JobFailed(job, error))
        except BaseException as error:
            LOG.exception("job %s failed", job.kind)
            self._end(job, State.FAILED, JobFailed(job, unforeseen(error)))
        else:
            self._end(job, State.FINISHED, JobFinished(job, result))

    async def _drive(self, job: Job, work: Work) -> object:
        made = work()
        if inspect.isawaitable(made):
            return await made
        waiting: list[object] = []
        posted = 0.0
        last: object = None
        flush: asyncio.TimerHandle | None = None
        loop = asyncio.get_running_loop()

        def post() -> None:
            nonlocal flush, posted
            flush = None
            if waiting:
                posted = loop.time()
                job.owner.post_message(JobProgressed(job, tuple(waiting)))
                waiting.clear()

        try:
            async for item in made:
                last = item
                waiting.append(item)
                job.hear(item)
                if loop.time() - posted >= COALESCE:
                    post()
                elif flush is None:
                    flush = loop.call_later(COALESCE, post)
        finally:
            if flush is not None:
                flush.cancel()
            post()
            closing = getattr(made, "aclose", None)
            if closing is not None:
                await closing()
        return last

    def _end(self, job: Job, state: State, message: Message) -> None:
        if not job.running:
            return
        job.seconds = time.monotonic() - job.started
        job.ending = _ending(message)
        job.state = state
        with self._idle:
            self._idle.notify_all()
        job.owner.post_message(message)
        self._changed()


def _ending(message: Message) -> str:
    """What came of a job."""
    if isinstance(message, JobFailed):
        return str(message.error)
    return in_words(message.result) if isinstance(message, JobFinished) else "stopped"


def in_words(result: object) -> str:
    """What a service's result says in one sentence; "done" where it has no words of its own."""
    from triage.services.steps import Drafted, Finished, Published, Undone, Verified

    if isinstance(result, Verified):
        return result.evidence.line
    if isinstance(result, Drafted):
        return result.evidence.line if result.draft and result.evidence else result.why or "no draft"
    if isinstance(result, Published | Undone):
        number = f" and PR #{result.publication.number}" if result.publication.number else ""
        return f"{result.publication.branch}{number} {'gone' if isinstance(result, Undone) else 'sent'}"
    return result.text if isinstance(result, Finished) else "done"


def unforeseen(error: BaseException) -> TriageError:
    """An error nobody planned for, as one the screen can show."""
    from triage import paths

    if full := full_disk(error):
        return full
    first = (str(error).splitlines() or [""])[0][:300]
    return TriageError(
        "something went wrong here", f"{type(error).__name__}: {first}", f"details in {paths.log_file()}"
    )


class DaemonExecutor(ThreadPoolExecutor):
    """For `asyncio.to_thread` in jobs: the standard one's threads are waited for at exit."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:
                future.set_exception(error)

        threading.Thread(target=work, name="jobs-call", daemon=True).start()
        return future


class Lane:
    """One daemon thread for short blocking calls (queries): never holds up the screen or the exit."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._started = False

    async def run(self, call: Callable[[], T]) -> T:
        """`call()` on the lane's thread; raises what it raises. A cancelled wait skips a call
        that has not begun."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def settle(result: T | None, error: BaseException | None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]  # no error: the result is there

        def work() -> None:
            if future.cancelled():
                return
            result: T | None = None
            failure: BaseException | None = None
            try:
                result = call()
            except BaseException as error:
                failure = error
            try:
                loop.call_soon_threadsafe(settle, result, failure)
            except RuntimeError:
                return  # the app is gone

        self._calls.put(work)
        if not self._started:
            self._started = True
            threading.Thread(target=self._serve, name=self._name, daemon=True).start()
        return await future

    def close(self) -> None:
        """End the thread once the call it is in has ended."""
        self._calls.put(None)

    def _serve(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
