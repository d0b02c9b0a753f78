"""One event in, the reproducing test and its evidence out; no store needed."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from triage.config import Config
from triage.domain.event import Event
from triage.domain.outside import one_line
from triage.domain.verdict import RunResult, Verdict
from triage.errors import NotFound, TriageError
from triage.services.situation import Situation, situation
from triage.services.steps import Output, Step


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What came out. `before` is None when no test was found; then `why` says why, and `skeleton` is a
    test file to go on from by hand, which reproduces nothing.

    `seconds` is the whole time from reading the event to the last verdict. `assertion` says what the
    test asserts and why; `public` whether what it calls is; `inputs` are the characters of the call with
    its inputs before and after minimising; `stable_runs` how many repetitions agreed (0: not asked for).
    """

    test_path: str | None
    test_source: str | None
    test_name: str | None
    entry: str | None
    before: RunResult | None
    after: RunResult | None
    fidelity: str
    isolation: str
    candidates_tried: int
    seconds: float
    why: str
    missing: tuple[str, ...] = ()
    assertion: str = ""
    public: bool = True
    inputs: tuple[int, int] | None = None
    skeleton_path: str | None = None
    skeleton: str | None = None
    skeleton_name: str | None = None
    stable_runs: int = 0

    @property
    def succeeded(self) -> bool:
        """REPRODUCED, and PASSES where a fix was tried."""
        reproduced = self.before is not None and self.before.verdict is Verdict.REPRODUCED
        return reproduced and (self.after is None or self.after.verdict is Verdict.PASSES)


async def reproduce(
    config: Config,
    event: Event,
    fix: str | None = None,
    budget: float = 60.0,
    accept_no_sandbox: bool = False,
    stable: bool = False,
) -> AsyncIterator[Step | Output | Reproduction]:
    """Find a call of the repo's own code that fails as `event` did, and prove it.

    `fix` is a ref with the bug fixed; `budget` bounds the search in seconds; `stable` repeats the test. Raises
    TriageError when the repo, its interpreter or the sandbox cannot be used.
    """
    from triage.codebase.git import Git
    from triage.codebase.interpreter import find_interpreter
    from triage.codebase.locate import locate_fast

    started = time.monotonic()
    yield Step("laying the stack on the checkout")
    git = Git(config.repo)
    await git.toplevel()
    fix_commit = await git.resolve(fix) if fix else None
    if fix and fix_commit is None:
        raise NotFound(f"no commit {fix!r}", f"in {config.repo}", "name a branch, a tag or a SHA")
    code_path = await locate_fast(config.repo, event, config.path_map)
    interpreter = await find_interpreter(config.repo, config.python)
    here = await situation(config, event, code_path, interpreter, (), accept_no_sandbox)
    async for item in reproduce_here(config, here, fix, fix_commit, budget, started, stable):
        yield item


async def reproduce_here(
    config: Config,
    here: Situation,
    fix: str | None,
    fix_commit: str | None,
    budget: float,
    started: float,
    stable: bool = False,
) -> AsyncIterator[Step | Output | Reproduction]:
    """The same for an event that is already laid on the checkout."""
    from triage.drafting.replay import ReplayResult, replay
    from triage.execution.verify import check_stability, flaky, judged_after, judged_before

    found: ReplayResult | None = None
    if here.expected is None:
        frames = here.code_path.frames
        why = "no frame of the event lies in this checkout" if frames else "the event carries no stack"
        yield _nothing(here, started, "; ".join((why, *here.code_path.warnings[:1])))
        return
    async for item in replay(here.replay_request(budget, fix_commit)):
        if isinstance(item, ReplayResult):
            found = item
        else:
            yield Step(item.text)
    if found is None or found.test_source is None or found.test_path is None or found.test_name is None:
        why = _wrong_python(here) + (found.why if found else "the search ended without a result")
        tried = found.candidates_tried if found else 0
        nothing = _nothing(here, started, why, tried, found.missing if found else (), found.entry if found else None)
        if found is not None and found.skeleton is not None:
            made = found.skeleton
            nothing = dataclasses.replace(
                nothing, skeleton_path=made.path, skeleton=made.source, skeleton_name=made.name
            )
        yield nothing
        return
    # Replay ran the written test on both commits as `verify` would: its reports are judged, not made again.
    request = here.run_request(config, found.test_path, found.test_source, found.test_name)
    before = after = None
    if found.before is not None:
        before = judged_before(request, found.before, here.commit)
        for text in before.output.splitlines():
            yield Output(text)
    if found.after is not None and fix_commit and fix:
        asked = dataclasses.replace(request, ref=fix)
        after = await judged_after(asked, found.after, here.commit, fix_commit, found.judged_after)
    runs = 0
    if stable and before is not None and before.verdict is Verdict.REPRODUCED:
        yield Step(f"repeating it {config.run.stable_runs} times")
        seen = await check_stability(request, config.run.stable_runs)
        before = flaky(before, seen)
        runs = seen.runs if seen.complete and not seen.unstable else 0
    judged = [run.why for run in (before, after) if run is not None and run.why]
    yield Reproduction(
        test_path=found.test_path,
        test_source=found.test_source,
        test_name=found.test_name,
        entry=found.entry,
        before=before,
        after=after,
        fidelity=here.fidelity.value,
        isolation=here.tier.value,
        candidates_tried=found.candidates_tried,
        seconds=time.monotonic() - started,
        why=found.why or "; ".join(judged),
        missing=tuple(dict.fromkeys((*here.missing, *found.missing))),
        assertion=found.assertion,
        public=found.public,
        inputs=found.inputs,
        stable_runs=runs,
    )


def write_skeleton(reproduction: Reproduction, out: Path) -> Path:
    """Write the skeleton under `out`; returns the file. Raises NotFound when there is none."""
    made = dataclasses.replace(reproduction, test_path=reproduction.skeleton_path, test_source=reproduction.skeleton)
    return write_test(made, out)


def write_test(reproduction: Reproduction, out: Path) -> Path:
    """Write the test under `out` at its path in the repo; returns the file."""
    if reproduction.test_path is None or reproduction.test_source is None:
        raise NotFound("there is no test to write", reproduction.why, "")
    file = out / reproduction.test_path
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(reproduction.test_source, encoding="utf-8")
    except OSError as error:
        raise TriageError(f"cannot write {file}", str(error), "name another folder with --out") from error
    return file


def _wrong_python(here: Situation) -> str:
    """A sentence on what production had and this Python has not; "" when that is nothing."""
    from triage.codebase.packages import lacking

    names = lacking(here.event.packages, [here.interpreter.purelib, *here.interpreter.sys_path], here.repo)
    if not names:
        return ""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    said = f"{', '.join(names[:3])}{more}, which production had: name the right one with --python (setting `python`)."
    return f"{here.interpreter.path} lacks {one_line(said, limit=400)} "


def _nothing(
    here: Situation,
    started: float,
    why: str,
    tried: int = 0,
    missing: tuple[str, ...] = (),
    entry: str | None = None,
) -> Reproduction:
    return Reproduction(
        test_path=None,
        test_source=None,
        test_name=None,
        entry=entry,
        before=None,
        after=None,
        fidelity=here.fidelity.value,
        isolation=here.tier.value,
        candidates_tried=tried,
        seconds=time.monotonic() - started,
        why=why,
        missing=tuple(dict.fromkeys((*here.missing, *missing))),
    )
