"""The offline strategy: one production event in, a test out that fails the way production failed."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from triage.domain.code_path import CodePath
from triage.domain.event import Event
from triage.domain.fidelity import grade
from triage.domain.judge import judge_before
from triage.domain.verdict import ExpectedFailure, Isolation, RunReport, Verdict
from triage.errors import TriageError

if TYPE_CHECKING:
    from triage.drafting.replay.engine import Session
    from triage.drafting.replay.search import Tried
    from triage.drafting.replay.skeleton import Skeleton
    from triage.drafting.replay.writing import Written
    from triage.execution.runner import RunRequest
    from triage.execution.worktree import Worktree


# Warnings of Python itself that the repo's settings may make errors of.
_WARNED = re.compile(r"\b((?:PendingDeprecation|Deprecation|Future|Runtime|Syntax|User|Resource|Import)Warning): ")


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
    hand where there is no test.
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


async def replay(request: ReplayRequest) -> AsyncIterator[ReplayStep | ReplayResult]:
    """Find a call that reproduces, write it down as a test, and run that test in pytest.

    Yields steps, then one ReplayResult. Raises TriageError when the worktree, the interpreter
    or the sandbox does not work. Closing the generator ends every process.
    """
    from triage.drafting.replay.engine import Session
    from triage.execution import bytecode
    from triage.execution.worktree import borrowed

    _, missing = grade(request.event)
    queue: asyncio.Queue[ReplayStep] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def say(text: str, tried: int | None) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, ReplayStep(text, tried))

    async with contextlib.AsyncExitStack() as stack:
        yield ReplayStep("checking out the release")
        buggy = await stack.enter_async_context(borrowed(request.repo, request.commit))
        fixed = None
        if request.fix_commit:
            fixed = await stack.enter_async_context(borrowed(request.repo, request.fix_commit))
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
            fixed=fixed.path if fixed else None,
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
                yield _nothing(session, None, session.why(), missing)
                return
            yield ReplayStep("running the test", session.findings.tried)
            yield await _proven(request, session, best, buggy, fixed, missing)
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


async def _proven(
    request: ReplayRequest,
    session: "Session",
    best: "Tried",
    buggy: "Worktree",
    fixed: "Worktree | None",
    missing: tuple[str, ...],
) -> ReplayResult:
    """The written test, run on both commits; other places and weaker assertions when that fails."""
    from triage.execution.verify import judged_on_fix

    last = ""
    elsewhere: ReplayResult | None = None
    fallback: ReplayResult | None = None
    versions = _versions(request, session, best)
    for written in versions:
        runs = [_run(request, written, buggy, request.commit)]
        if fixed is not None and request.fix_commit:
            runs.append(_run(request, written, fixed, request.fix_commit))
        before, *others = await asyncio.gather(*runs)
        judged = judge_before(request.expected, before)
        if judged.verdict is not Verdict.REPRODUCED:
            last = f"{written.path}: {judged.verdict} in pytest ({judged.why})"
            warned = _WARNED.search(judged.why) if judged.verdict is Verdict.COLLECT_ERROR else None
            if warned and not any("filterwarnings" in item.source for item in versions):
                versions.insert(versions.index(written) + 1, session.written(best, ignoring=warned[1]))
            also = session.registering(best) if judged.verdict is not Verdict.COLLECT_ERROR else ()
            if also and written is versions[0]:
                versions.insert(1, session.written(best, also=also))
            if judged.verdict is Verdict.TIMEOUT:  # another place makes it no faster
                break
            continue
        after = others[0] if others else None
        if after is not None:
            asked = _run_request(request, written, request.commit)
            seen = await judged_on_fix(asked, after, request.commit, str(request.fix_commit))
            if seen.verdict is not Verdict.PASSES:
                last = f"{written.path}: {seen.verdict} on the fix ({seen.why})"
                fallback = fallback or _result(session, best, written, missing, before, after)
                if not session.fix_imports:  # a package that the fix needs is missing here: no other place helps
                    break
                continue
        done = _result(session, best, written, missing, before, after)
        if not any(_without_settings(report) for report in (before, after) if report is not None):
            return done
        elsewhere = elsewhere or done
    if elsewhere is not None:
        return elsewhere
    if fallback is not None:
        return replace(fallback, why=last)
    why = f"a candidate reproduces, but its test does not: {last}"
    return _nothing(session, best.candidate.entry, why, missing)


def _nothing(session: "Session", entry: str | None, why: str, missing: tuple[str, ...]) -> ReplayResult:
    found = session.skeleton(missing)
    return ReplayResult(None, None, None, entry, session.findings.tried, why, missing, skeleton=found)


def _without_settings(report: RunReport) -> bool:
    """Whether the run had to leave the repo's pytest settings aside: another place may do without that."""
    return any("without the repo's pytest settings" in note for note in report.notes)


def _versions(request: ReplayRequest, session: "Session", best: "Tried") -> "list[Written]":
    """The test as it should be, then without a pinned value, then in other folders."""
    folders: Sequence[str] = ["", "tests", *request.test_folders]
    elsewhere = [session.written(best, folder=folder) for folder in folders if folder != session.style.folder]
    versions = [session.written(best), *elsewhere[:1], session.written(best, pinned=False), *elsewhere[1:]]
    unique = {(item.path, item.source): item for item in versions}
    return list(unique.values())[:5]


def _result(
    session: "Session",
    best: "Tried",
    written: "Written",
    missing: tuple[str, ...],
    before: RunReport,
    after: RunReport | None,
) -> ReplayResult:
    candidate = best.candidate
    return ReplayResult(
        written.path, written.source, written.name, candidate.entry, session.findings.tried, "", missing,
        written.claim, candidate.public, before, after, candidate.notes, session.inputs,
    )  # fmt: skip


async def _run(request: ReplayRequest, written: "Written", tree: "Worktree", commit: str) -> RunReport:
    from triage.execution.runner import run_in

    report: RunReport | None = None
    async for item in run_in(_run_request(request, written, commit), tree):
        if isinstance(item, RunReport):
            report = item
    assert report is not None
    return report


def _run_request(request: ReplayRequest, written: "Written", commit: str) -> "RunRequest":
    from triage.execution.runner import RunRequest

    return RunRequest(
        repo=request.repo,
        ref=commit,
        interpreter_path=request.interpreter_path,
        interpreter_roots=request.interpreter_roots,
        import_roots=request.import_roots,
        test_path=written.path,
        test_source=written.source,
        test_name=written.name,
        expected=request.expected,
        tier=request.tier,
        timeout=60.0,
        memory_mb=request.memory_mb,
    )


__all__ = ["ReplayRequest", "ReplayResult", "ReplayStep", "replay"]
