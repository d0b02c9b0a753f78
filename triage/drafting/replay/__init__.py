"""The offline strategy: one production event in, a test out that fails the way production failed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from triage.domain.code_path import CodePath
from triage.domain.event import Event
from triage.domain.fidelity import grade
from triage.domain.judge import Judgement
from triage.domain.verdict import ExpectedFailure, Isolation, RunReport
from triage.errors import TriageError

if TYPE_CHECKING:
    from triage.drafting.replay.engine import Session
    from triage.drafting.replay.written.skeleton import Skeleton
    from triage.execution.worktree import Worktree


@dataclass(frozen=True)
class ReplayRequest:
    """What to replay and where. `commit` is the buggy one; `interpreter_roots` are the folders
    that the interpreter needs to see; `budget_seconds` bounds the search for candidates."""

    event: Event
    code_path: CodePath
    expected: ExpectedFailure
    repo: Path
    commit: str
    interpreter_path: Path
    interpreter_roots: tuple[Path, ...]
    import_roots: tuple[str, ...]
    tier: Isolation
    nearest_test: str | None = None
    test_folders: tuple[str, ...] = ()
    budget_seconds: float = 60.0
    fix_commit: str | None = None
    memory_mb: int = 2048


@dataclass(frozen=True)
class ReplayStep:
    """What is being done, and how many candidates have been tried where that is known."""

    text: str
    tried: int | None = None


@dataclass(frozen=True)
class ReplayResult:
    """The test, or why there is none (`test_source` is None then).

    `before` and `after` are the runs of the written test on the two commits. `missing` names
    values that the event did not carry. `assertion` says what the test asserts and why. `inputs` are the
    characters of the call with its inputs before and after minimising. `skeleton` is what to go on from by
    hand where there is no test. `judged_after` is what `after` was found to show.
    """

    test_path: str | None
    test_source: str | None
    test_name: str | None
    entry: str | None
    candidates_tried: int
    why: str
    missing: tuple[str, ...] = ()
    assertion: str = ""
    public: bool = True
    before: RunReport | None = None
    after: RunReport | None = None
    notes: tuple[str, ...] = field(default=())
    inputs: tuple[int, int] | None = None
    skeleton: "Skeleton | None" = None
    judged_after: Judgement | None = None


async def replay(request: ReplayRequest) -> AsyncIterator[ReplayStep | ReplayResult]:
    """Find a call that reproduces, write it down as a test, and run that test in pytest.

    Yields steps, then one ReplayResult. Raises TriageError when the worktree, the interpreter
    or the sandbox does not work. Closing the generator ends every process.
    """
    from triage.drafting.replay.engine import Session
    from triage.drafting.replay.written.proving import Proving, Trees
    from triage.execution import bytecode

    _, missing = grade(request.event)
    queue: asyncio.Queue[ReplayStep] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def say(text: str, tried: int | None) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, ReplayStep(text, tried))

    async with contextlib.AsyncExitStack() as stack:
        yield ReplayStep("checking out the release")
        trees = Trees(request.repo, stack)
        buggy, *others = await trees.lay_out(request.commit, *([request.fix_commit] if request.fix_commit else []))
        session = Session(
            event=request.event,
            code_path=request.code_path,
            expected=request.expected,
            repo=request.repo,
            interpreter=request.interpreter_path,
            interpreter_roots=request.interpreter_roots,
            import_roots=request.import_roots,
            tier=request.tier,
            nearest_test=request.nearest_test,
            test_folders=request.test_folders,
            budget=request.budget_seconds,
            buggy=buggy.path,
            fixed=others[0].path if others else None,
            say=say,
            memory_mb=request.memory_mb,
            bytecode=bytecode.filled_prefix(request.interpreter_path, request.interpreter_roots),
            imported=lambda answer: _on_loop(loop, lambda: _keep_compiled(request, buggy, answer)),
        )
        work = asyncio.ensure_future(asyncio.to_thread(session.run))
        try:
            while not work.done() or not queue.empty():
                getter = asyncio.ensure_future(queue.get())
                await asyncio.wait({work, getter}, return_when=asyncio.FIRST_COMPLETED)
                if getter.done():
                    yield getter.result()
                else:
                    getter.cancel()
            best = work.result()
            if best is None:
                yield nothing(session, None, session.why(), missing)
                return
            yield ReplayStep("running the test", session.findings.tried)
            yield await Proving(request, session, best, trees, missing).run()
        finally:
            session.stop()
            if not work.done():
                with contextlib.suppress(TriageError, asyncio.CancelledError):
                    await work


def _on_loop(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits for it any more
        loop.call_soon_threadsafe(call)


def _keep_compiled(request: ReplayRequest, tree: "Worktree", answer: Mapping[str, object]) -> None:
    """Compile beside the search what its interpreter imported: the test's run and the next replay start sooner."""
    from triage.execution import bytecode
    from triage.execution.view import interpreter_folders

    kept = bytecode.prefix(request.interpreter_path, request.interpreter_roots)
    files, tag = answer.get("files"), answer.get("tag")
    if kept is None or not isinstance(files, list) or not isinstance(tag, str):
        return
    inside = f"{tree.path}/"
    outside = [file for file in files if isinstance(file, str) and not file.startswith(inside)]
    missing = bytecode.uncompiled(outside, kept, tag)
    if not missing:
        return
    home = (Path.home(), request.repo)
    bytecode.beside(
        bytecode.compile_files(
            missing,
            interpreter=request.interpreter_path,
            read_only=(
                *interpreter_folders(request.interpreter_roots, request.interpreter_path, home),
                bytecode.INSIDE,
            ),
            tree=tree.path,
            kept=kept,
            tier=request.tier,
            gently=True,
        )
    )


def nothing(session: "Session", entry: str | None, why: str, missing: tuple[str, ...]) -> ReplayResult:
    found = session.skeleton(missing)
    return ReplayResult(None, None, None, entry, session.findings.tried, why, missing, skeleton=found)


__all__ = ["ReplayRequest", "ReplayResult", "ReplayStep", "replay"]
