"""Runs a draft before and after the fix, judges both, and checks that the verdict is stable."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

from triage.domain.judge import Judgement, judge_after, judge_before
from triage.domain.verdict import RunReport, RunResult, Verdict
from triage.execution.repository import resolve
from triage.execution.runner import RunRequest, run_test
from triage.execution.stability import repeat

_OUTPUT_KEPT = 60_000


async def run_before(request: RunRequest) -> AsyncIterator[str | RunResult]:
    """Run on the code that has the bug; yields output lines, at last the judged result. Raises as `run_test`."""
    commit = await resolve(request.repo, request.ref)
    async for item in run_test(replace(request, ref=commit)):
        if isinstance(item, str):
            yield item
        else:
            yield _result(judge_before(request.expected, item), item, request, commit)


async def run_after(request: RunRequest, before: RunResult | None = None) -> AsyncIterator[str | RunResult]:
    """Run on the code with the fix (`request.ref`). `before` is the run on its base: where the test
    passed there too, passing now proves nothing (GREEN_WITHOUT_FIX)."""
    commit = await resolve(request.repo, request.ref)
    async for item in run_test(replace(request, ref=commit)):
        if isinstance(item, str):
            yield item
            continue
        judged = judge_after(request.expected, item)
        if judged.verdict is Verdict.PASSES and before is not None and before.verdict is Verdict.PASSED:
            judged = Judgement(Verdict.GREEN_WITHOUT_FIX, f"passes without the fix too, at {before.ref}")
        yield _result(judged, item, request, commit)


def judged_before(request: RunRequest, report: RunReport, commit: str) -> RunResult:
    """The result of a run on the code with the bug that was made elsewhere with this request."""
    return _result(judge_before(request.expected, report), report, request, commit)


def judged_after(request: RunRequest, report: RunReport, commit: str) -> RunResult:
    """The same for a run on the code with the fix."""
    return _result(judge_after(request.expected, report), report, request, commit)


async def run_on_parent(request: RunRequest) -> AsyncIterator[str | RunResult]:
    """Run on the first parent of `request.ref`: PASSED there means that the fix is not what makes it pass."""
    parent = await resolve(request.repo, f"{request.ref}^")
    async for item in run_before(replace(request, ref=parent)):
        yield replace(item, ref=f"{request.ref}^") if isinstance(item, RunResult) else item


async def check_stability(request: RunRequest, runs: int) -> tuple[int, bool]:
    """How many of `runs` repetitions ran and agreed with the first, and whether any differed.

    Repetitions are forks of two warm processes with different hash seeds, in which the file's
    tests also run in reversed order.
    """
    return await repeat(request, runs)


def _result(judged: Judgement, report: RunReport, request: RunRequest, commit: str) -> RunResult:
    output = report.output if len(report.output) <= _OUTPUT_KEPT else "…" + report.output[-_OUTPUT_KEPT:]
    return RunResult(
        verdict=judged.verdict,
        why=judged.why,
        ref=request.ref,
        commit=commit,
        isolation=request.tier,
        seconds=report.seconds,
        when=datetime.now(UTC),
        output=output,
        frames_matched=judged.frames_matched,
        message_same=judged.message_same,
        notes=judged.notes,
    )
