"""Runs a draft before and after the fix, judges both, and checks that the verdict is stable."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

from triage.domain.judge import Judgement, judge_after, judge_before
from triage.domain.stable import STABLE_RUNS
from triage.domain.verdict import RunReport, RunResult, Verdict
from triage.execution.mended import changed_and_ran
from triage.execution.repository import resolve
from triage.execution.runner import RunRequest, run_test
from triage.execution.stability import Stability, repeat

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
        judged = await judged_on_fix(request, item, before.commit if before else None, commit)
        if judged.verdict is Verdict.PASSES and before is not None and before.verdict is Verdict.PASSED:
            judged = Judgement(Verdict.GREEN_WITHOUT_FIX, f"passes without the fix too, at {before.ref}")
        yield _result(judged, item, request, commit)


async def judged_on_fix(request: RunRequest, report: RunReport, buggy: str | None, fixed: str) -> Judgement:
    """`judge_after` of a run at commit `fixed`. Where it passed without the crash function, what changed
    since commit `buggy` tells whether the fix itself ran."""
    mended: tuple[str, ...] = ()
    expected = request.expected
    if report.outcome == "passed" and not report.crash_function_ran and buggy and expected is not None:
        near = {item.path for item in expected.points}
        ran = sorted(report.code_ran, key=lambda item: item[0] not in near)
        if len(expected.points) == 1:  # no caller of the repo's own: what the fix changed must be near the crash
            ran = [item for item in ran if item[0] in near]
        mended = await changed_and_ran(request.repo, buggy, fixed, ran)
    return judge_after(expected, report, mended)


def judged_before(request: RunRequest, report: RunReport, commit: str) -> RunResult:
    """The result of a run on the code with the bug that was made elsewhere with this request."""
    return _result(judge_before(request.expected, report), report, request, commit)


async def judged_after(
    request: RunRequest, report: RunReport, buggy: str, commit: str, judged: Judgement | None = None
) -> RunResult:
    """The same for a run on the code with the fix, at `commit`; `buggy` is the commit without. `judged` is what
    it was found to show, where that is known."""
    return _result(judged or await judged_on_fix(request, report, buggy, commit), report, request, commit)


async def check_stability(request: RunRequest, runs: int = STABLE_RUNS) -> Stability:
    """Repeats the run; `unstable` with `why` in words where any repetition ended otherwise.

    Repetitions are forks of warm processes with different hash seeds, in which the file's tests
    also run before it and in reversed order, and the clock is moved.
    """
    return await repeat(request, runs)


def flaky(before: RunResult, seen: Stability) -> RunResult:
    """The run before the fix, judged again by its repetitions: FLAKY where they did not agree."""
    if not seen.unstable:
        return before
    return replace(before, verdict=Verdict.FLAKY, why=seen.why, when=datetime.now(UTC))


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
